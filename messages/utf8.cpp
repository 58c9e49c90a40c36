#include "messages/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace singularity::messages {

namespace {

constexpr std::uint64_t kHighBits = 0x8080808080808080;
constexpr std::uint64_t kOnes = 0x0101010101010101;

// Eight bytes of ASCII without NUL: no high bit, and none that subtracting one lets borrow.
bool plain(const char* bytes) {
    std::uint64_t word;
    std::memcpy(&word, bytes, sizeof word);
    return ((word | (word - kOnes)) & kHighBits) == 0;
}

std::size_t length_by(unsigned char lead) {
    if (lead >= 0xc2 && lead <= 0xdf) return 2;
    if (lead >= 0xe0 && lead <= 0xef) return 3;
    return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

// The character that begins `text`, which is no ASCII. Its second byte has a narrower range after some leads:
// overlong forms, surrogates, what is beyond U+10FFFF.
TextFault fault_of_character(std::string_view text, std::size_t length) {
    const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    if (length == 0 || text.size() < length) return TextFault::not_utf8;
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0) != 0x80) return TextFault::not_utf8;
    }
    switch (byte(0)) {
        case 0xe0: return byte(1) >= 0xa0 ? TextFault::none : TextFault::not_utf8;
        case 0xed: return byte(1) <= 0x9f ? TextFault::none : TextFault::surrogate;
        case 0xf0: return byte(1) >= 0x90 ? TextFault::none : TextFault::not_utf8;
        case 0xf4: return byte(1) <= 0x8f ? TextFault::none : TextFault::not_utf8;
        default: return TextFault::none;
    }
}

}  // namespace

TextFault fault_of(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        if (text.size() - i >= 8 && plain(text.data() + i)) {
            i += 8;
            continue;
        }
        const auto lead = static_cast<unsigned char>(text[i]);
        if (lead == 0) return TextFault::nul;
        if (lead < 0x80) {
            ++i;
            continue;
        }
        const std::size_t length = length_by(lead);
        const TextFault fault = fault_of_character(text.substr(i), length);
        if (fault != TextFault::none) return fault;
        i += length;
    }
    return TextFault::none;
}

}  // namespace singularity::messages
