#include "services/genesis/job_encoding.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>

#include "messages/utf8.hpp"

namespace singularity::services::genesis {

namespace {

using messages::TextFault;

const unsigned char* data_of(std::string_view bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

std::string to_base64(std::string_view bytes) {
    std::string text(sodium_base64_ENCODED_LEN(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
    sodium_bin2base64(text.data(), text.size(), data_of(bytes), bytes.size(), sodium_base64_VARIANT_ORIGINAL);
    text.pop_back();  // its NUL
    return text;
}

// Of the character that starts here, 0 where none does.
std::size_t length_of_character(std::string_view text) {
    for (std::size_t length = 1; length <= std::min<std::size_t>(4, text.size()); ++length) {
        if (messages::fault_of(text.substr(0, length)) == TextFault::none) return length;
    }
    return 0;
}

}  // namespace

Encoded encode(std::string_view bytes) {
    if (messages::fault_of(bytes) == TextFault::none) return {std::string(bytes), "utf-8"};
    return {to_base64(bytes), "base64"};
}

std::optional<std::string> from_base64(std::string_view text) {
    if (text.empty()) return std::string();  // libsodium takes no null pointer, also for nothing
    std::string bytes(text.size() / 4 * 3 + 3, '\0');
    std::size_t length = 0;
    if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                          text.size(), nullptr, &length, nullptr, sodium_base64_VARIANT_ORIGINAL) != 0) {
        return std::nullopt;
    }
    bytes.resize(length);
    return bytes;
}

std::string as_text(std::string_view bytes) {
    if (messages::fault_of(bytes) == TextFault::none) return std::string(bytes);
    std::string text;
    while (!bytes.empty()) {
        const std::size_t length = length_of_character(bytes);
        text += length == 0 ? std::string_view("\xEF\xBF\xBD") : bytes.substr(0, length);
        bytes.remove_prefix(std::max<std::size_t>(1, length));
    }
    return text;
}

std::string sha256_of(std::string_view bytes) {
    std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
    crypto_hash_sha256(hash.data(), data_of(bytes), bytes.size());
    std::string text(2 * hash.size() + 1, '\0');
    sodium_bin2hex(text.data(), text.size(), hash.data(), hash.size());
    text.pop_back();
    return text;
}

}  // namespace singularity::services::genesis
