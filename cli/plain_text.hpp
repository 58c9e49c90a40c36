// Text that somebody else has written, as it may stand in a line on a terminal.
#pragma once

#include <string>
#include <string_view>

namespace singularity::cli {

// Control characters become blanks; cut, between characters, to at most `bytes` and an ellipsis.
inline std::string plain_text(std::string_view text, std::size_t bytes = std::string_view::npos) {
    const bool is_cut = text.size() > bytes;
    if (is_cut) {
        while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
        text = text.substr(0, bytes);
    }
    std::string plain(text);
    for (std::size_t i = 0; i < plain.size(); ++i) {
        const auto byte = static_cast<unsigned char>(plain[i]);
        const bool is_c1 =
            byte == 0xC2 && i + 1 < plain.size() && static_cast<unsigned char>(plain[i + 1]) < 0xA0;
        if (byte < 0x20 || byte == 0x7F) plain[i] = ' ';
        else if (is_c1) plain.replace(i, 2, " ");
    }
    return is_cut ? plain + "…" : plain;
}

}  // namespace singularity::cli
