#include "messages/json_path.hpp"
#include "core/format.hpp"

namespace singularity::messages {

namespace {

constexpr std::size_t kLongestName = 100;

std::string printable(std::string_view name) {
    std::string text;
    for (const char letter : name.substr(0, kLongestName)) {
        if (letter >= ' ' && letter <= '~') text += letter;
        else text += core::format("\\x{:02x}", static_cast<unsigned char>(letter));
    }
    return name.size() > kLongestName ? text + "…" : text;
}

}  // namespace

std::string JsonPath::text() const {
    if (!outer_) return {};
    const std::string outer = outer_->text();
    if (index_ != kNamed) return core::format("{}[{}]", outer, index_);
    return outer.empty() ? printable(name_) : outer + "." + printable(name_);
}

}  // namespace singularity::messages
