#include "messages/parsing.hpp"

#include <boost/json/parse.hpp>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>

#include "core/format.hpp"
#include "messages/body_check.hpp"

namespace singularity::messages {

namespace {

namespace json = boost::json;

constexpr std::size_t kDeepest = 5 * kMaxDepth;  // that is still read
constexpr std::size_t kEscape = 6;               // bytes of \uD800

json::value read(std::string_view text, boost::system::error_code& error) {
    json::parse_options options;
    options.max_depth = kDeepest;
    options.allow_invalid_utf8 = true;
    return json::parse(text, error, {}, options);
}

// The \uXXXX at the text's begin.
std::optional<std::uint32_t> escaped(std::string_view text) {
    std::uint32_t unit = 0;
    if (text.size() < kEscape || !text.starts_with("\\u")) return std::nullopt;
    const auto read = std::from_chars(text.data() + 2, text.data() + kEscape, unit, 16);
    if (read.ec != std::errc{} || read.ptr != text.data() + kEscape) return std::nullopt;
    return unit;
}

bool is_high(std::uint32_t unit) {
    return unit >= 0xd800 && unit <= 0xdbff;
}

bool is_low(std::uint32_t unit) {
    return unit >= 0xdc00 && unit <= 0xdfff;
}

void append_as_bytes(std::string& text, std::uint32_t unit) {
    text += static_cast<char>(0xe0 | unit >> 12);
    text += static_cast<char>(0x80 | (unit >> 6 & 0x3f));
    text += static_cast<char>(0x80 | (unit & 0x3f));
}

// The parser refuses escaped halves of pairs without saying where; as bytes it passes them on.
std::string with_lone_surrogates_as_bytes(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size();) {
        std::size_t length = text[i] == '\\' && i + 1 < text.size() ? 2 : 1;
        if (const auto unit = escaped(text.substr(i))) {
            length = kEscape;
            const auto next = escaped(text.substr(i + kEscape));
            const bool is_pair = is_high(*unit) && next && is_low(*next);
            if (is_pair) length += kEscape;
            if (!is_pair && (is_high(*unit) || is_low(*unit))) {
                append_as_bytes(result, *unit);
                i += length;
                continue;
            }
        }
        result.append(text.substr(i, length));
        i += length;
    }
    return result;
}

}  // namespace

core::Expected<json::value> parse(std::string_view text) {
    boost::system::error_code error;
    json::value value = read(text, error);
    if (error && text.contains("\\u")) {
        boost::system::error_code still;
        value = read(with_lone_surrogates_as_bytes(text), still);
        if (!still) return value;
    }
    if (!error) return value;
    if (error == json::error::too_deep)
        return core::failure(core::ErrorCode::invalid_input,
                             core::format("it nests deeper than {} levels", kMaxDepth));
    return core::failure(core::ErrorCode::invalid_input,
                         core::format("that is no JSON: {}", error.message()));
}

}  // namespace singularity::messages
