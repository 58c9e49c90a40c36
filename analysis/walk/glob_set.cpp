#include "analysis/walk/glob_set.hpp"

#include <cctype>

namespace singularity::analysis {
namespace {

using ClassTest = int (*)(int);

ClassTest class_test(std::string_view name) {
    if (name == "alpha") return std::isalpha;
    if (name == "digit") return std::isdigit;
    if (name == "alnum") return std::isalnum;
    if (name == "upper") return std::isupper;
    if (name == "lower") return std::islower;
    if (name == "space") return std::isspace;
    if (name == "punct") return std::ispunct;
    if (name == "xdigit") return std::isxdigit;
    if (name == "blank") return std::isblank;
    if (name == "cntrl") return std::iscntrl;
    if (name == "graph") return std::isgraph;
    if (name == "print") return std::isprint;
    return nullptr;
}

class SetReader {
public:
    SetReader(std::string_view pattern, std::size_t at) : pattern_(pattern), at_(at) {}

    GlobSet read() {
        const bool inverted = next() == '!' || next() == '^';
        if (inverted) ++at_;
        for (bool first = true; at_ < pattern_.size(); first = false) {
            if (next() == ']' && !first) {
                if (inverted) bytes_.flip();
                bytes_.reset('/');
                return {bytes_, at_ + 1};
            }
            if (!read_class()) read_range();
        }
        return {{}, std::string_view::npos};
    }

private:
    char next() const { return at_ < pattern_.size() ? pattern_[at_] : '\0'; }

    bool read_class() {
        const std::size_t end = pattern_.find(":]", at_);
        if (pattern_.substr(at_, 2) != "[:" || end == std::string_view::npos) return false;
        const ClassTest test = class_test(pattern_.substr(at_ + 2, end - at_ - 2));
        for (int byte = 0; test && byte < 256; ++byte)
            if (test(byte)) bytes_.set(static_cast<std::size_t>(byte));
        at_ = end + 2;
        return true;
    }

    void read_range() {
        const unsigned char low = read_byte();
        const bool range = next() == '-' && at_ + 1 < pattern_.size() && pattern_[at_ + 1] != ']';
        if (range) ++at_;
        const unsigned char high = range ? read_byte() : low;
        for (unsigned byte = low; byte <= high; ++byte) bytes_.set(byte);
    }

    unsigned char read_byte() {
        if (next() == '\\' && at_ + 1 < pattern_.size()) ++at_;
        return static_cast<unsigned char>(pattern_[at_++]);
    }

    std::string_view pattern_;
    std::size_t at_;
    std::bitset<256> bytes_;
};

}  // namespace

GlobSet read_glob_set(std::string_view pattern, std::size_t at) {
    return SetReader(pattern, at + 1).read();
}

}  // namespace singularity::analysis
