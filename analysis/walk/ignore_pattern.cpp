#include "analysis/walk/ignore_pattern.hpp"

#include <cctype>
#include <string>

namespace singularity::analysis {
namespace {

// Trailing spaces go, unless a backslash keeps them.
std::string_view without_trailing_spaces(std::string_view line) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '\\' && i + 1 < line.size()) kept = ++i + 1;
        else if (line[i] != ' ') kept = i + 1;
    }
    return line.substr(0, kept);
}

std::string_view base_name(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

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

}  // namespace

std::optional<IgnorePattern> IgnorePattern::parse(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.starts_with('#')) return std::nullopt;
    line = without_trailing_spaces(line);
    IgnorePattern result;
    if (line.starts_with('!')) {
        result.negated_ = true;
        line.remove_prefix(1);
    }
    if (line.ends_with('/')) {
        result.folders_only_ = true;
        line.remove_suffix(1);
    }
    result.anchored_ = line.contains('/');
    if (line.starts_with('/')) line.remove_prefix(1);
    if (line.empty() || !result.compile(line)) return std::nullopt;
    return result;
}

bool IgnorePattern::compile(std::string_view pattern) {
    for (std::size_t at = 0; at < pattern.size();) {
        const char byte = pattern[at];
        if (byte == '*') {
            at = compile_stars(pattern, at);
        } else if (byte == '[') {
            at = compile_set(pattern, at);
            if (at == std::string_view::npos) return false;
        } else if (byte == '\\') {
            if (at + 1 == pattern.size()) return false;
            steps_.push_back({.token = Token::byte, .byte = pattern[at + 1]});
            at += 2;
        } else {
            steps_.push_back({.token = byte == '?' ? Token::any : Token::byte, .byte = byte});
            ++at;
        }
    }
    return true;
}

// `**` is more than `*` only between slashes or the pattern's ends, and only where paths are matched.
std::size_t IgnorePattern::compile_stars(std::string_view pattern, std::size_t at) {
    std::size_t past = at;
    while (past < pattern.size() && pattern[past] == '*') ++past;
    const bool opens = at == 0 || pattern[at - 1] == '/';
    const bool closes = past == pattern.size() || pattern[past] == '/';
    if (!anchored_ || past - at < 2 || !opens || !closes) {
        steps_.push_back({.token = Token::star});
        return past;
    }
    const bool last = past == pattern.size();
    steps_.push_back({.token = last ? Token::rest : Token::folders});
    return last ? past : past + 1;
}

// Returns the position behind the set, npos when it is never closed.
std::size_t IgnorePattern::compile_set(std::string_view pattern, std::size_t at) {
    std::bitset<256> set;
    ++at;
    const bool inverted = at < pattern.size() && (pattern[at] == '!' || pattern[at] == '^');
    if (inverted) ++at;
    for (bool first = true; at < pattern.size(); first = false) {
        if (pattern[at] == ']' && !first) {
            if (inverted) set.flip();
            set.reset('/');
            steps_.push_back({.token = Token::one_of, .set = static_cast<std::uint16_t>(sets_.size())});
            sets_.push_back(set);
            return at + 1;
        }
        if (const std::size_t end = pattern.find(":]", at);
            pattern.substr(at, 2) == "[:" && end != std::string_view::npos) {
            const ClassTest test = class_test(pattern.substr(at + 2, end - at - 2));
            for (int byte = 0; test && byte < 256; ++byte)
                if (test(byte)) set.set(static_cast<std::size_t>(byte));
            at = end + 2;
            continue;
        }
        if (pattern[at] == '\\' && at + 1 < pattern.size()) ++at;
        const auto low = static_cast<unsigned char>(pattern[at++]);
        unsigned char high = low;
        if (at + 1 < pattern.size() && pattern[at] == '-' && pattern[at + 1] != ']') {
            ++at;
            if (pattern[at] == '\\' && at + 1 < pattern.size()) ++at;
            high = static_cast<unsigned char>(pattern[at++]);
        }
        for (unsigned byte = low; byte <= high; ++byte) set.set(byte);
    }
    return std::string_view::npos;
}

bool IgnorePattern::step_matches(const Step& step, char byte) const {
    switch (step.token) {
        case Token::byte: return byte == step.byte;
        case Token::any: return byte != '/';
        case Token::one_of: return sets_[step.set].test(static_cast<unsigned char>(byte));
        default: return false;
    }
}

bool IgnorePattern::matches(std::string_view path, bool is_folder) const {
    if (folders_only_ && !is_folder) return false;
    return run(anchored_ ? path : base_name(path));
}

// On a mismatch the last star takes one byte more, or else the last `**/` one part more: earlier ones
// need no second try, so that the time is at most the product of both lengths.
bool IgnorePattern::run(std::string_view text) const {
    constexpr std::size_t kNone = std::string_view::npos;
    std::size_t step = 0, at = 0, star_step = kNone, star_at = 0, folders_step = kNone, folders_at = 0;
    for (;;) {
        if (step == steps_.size() && at == text.size()) return true;
        if (step < steps_.size()) {
            const Token token = steps_[step].token;
            if (token == Token::rest && at < text.size()) return true;
            if (token == Token::star) {
                star_step = ++step;
                star_at = at;
                continue;
            }
            if (token == Token::folders) {
                folders_step = ++step;
                folders_at = at;
                star_step = kNone;
                continue;
            }
            if (at < text.size() && step_matches(steps_[step], text[at])) {
                ++step;
                ++at;
                continue;
            }
        }
        if (star_step != kNone && star_at < text.size() && text[star_at] != '/') {
            step = star_step;
            at = ++star_at;
            continue;
        }
        const std::size_t slash = folders_step == kNone ? kNone : text.find('/', folders_at);
        if (slash == kNone) return false;
        step = folders_step;
        at = folders_at = slash + 1;
        star_step = kNone;
    }
}

}  // namespace singularity::analysis
