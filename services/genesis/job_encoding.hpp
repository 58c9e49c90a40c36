// Bytes as messages carry them: text where they are UTF-8 that a database keeps, else base64 (RFC 4648).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace singularity::services::genesis {

struct Encoded {
    std::string text;
    std::string encoding;  // utf-8 or base64
};

Encoded encode(std::string_view bytes);

// Nothing where it isn't base64. Not lenient: padding is whole, nothing stands between.
std::optional<std::string> from_base64(std::string_view text);

// For where only text fits: each byte that no text has becomes U+FFFD.
std::string as_text(std::string_view bytes);

std::string sha256_of(std::string_view bytes);  // 64 lower-case hexadecimal digits

}  // namespace singularity::services::genesis
