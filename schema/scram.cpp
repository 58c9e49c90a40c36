#include "schema/scram.hpp"

#include <sodium.h>

#include <array>
#include <cstring>
#include <optional>
#include <vector>

#include "core/format.hpp"

namespace singularity::schema {

namespace {

constexpr std::string_view kPrefix = "SCRAM-SHA-256$4096:";
constexpr int kIterations = 4096;  // PostgreSQL's default
constexpr std::size_t kSaltBytes = 16;

using Digest = std::array<unsigned char, crypto_auth_hmacsha256_BYTES>;
using Key = crypto_auth_hmacsha256_state;

Key keyed(std::span<const unsigned char> key) {
    Key state;
    crypto_auth_hmacsha256_init(&state, key.data(), key.size());
    return state;
}

// The key's state is copied: its own two blocks are hashed once, not at each of the iterations.
Digest hmac(Key state, std::span<const unsigned char> text, std::span<const unsigned char> more = {}) {
    Digest digest;
    crypto_auth_hmacsha256_update(&state, text.data(), text.size());
    crypto_auth_hmacsha256_update(&state, more.data(), more.size());
    crypto_auth_hmacsha256_final(&state, digest.data());
    return digest;
}

std::span<const unsigned char> bytes_of(std::string_view text) {
    return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

// PBKDF2 with one block of output.
Digest salted_password(std::string_view password, std::span<const unsigned char> salt) {
    constexpr std::array<unsigned char, 4> first_block = {0, 0, 0, 1};
    const Key key = keyed(bytes_of(password));
    Digest round = hmac(key, salt, first_block);
    Digest result = round;
    for (int i = 1; i < kIterations; ++i) {
        round = hmac(key, round);
        for (std::size_t byte = 0; byte < result.size(); ++byte) result[byte] ^= round[byte];
    }
    return result;
}

std::string base64(std::span<const unsigned char> bytes, int variant = sodium_base64_VARIANT_ORIGINAL) {
    std::string text(sodium_base64_ENCODED_LEN(bytes.size(), variant), '\0');
    sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), variant);
    text.resize(std::strlen(text.c_str()));
    return text;
}

// At least one byte.
std::optional<std::vector<unsigned char>> from_base64(std::string_view text) {
    if (text.empty()) return std::nullopt;  // libsodium takes no null pointer, also for nothing
    std::vector<unsigned char> bytes(text.size());
    std::size_t length = 0;
    if (sodium_base642bin(bytes.data(), bytes.size(), text.data(), text.size(), nullptr, &length, nullptr,
                          sodium_base64_VARIANT_ORIGINAL) != 0) {
        return std::nullopt;
    }
    bytes.resize(length);
    return bytes;
}

}  // namespace

std::string random_password() {
    std::array<unsigned char, 24> bytes;
    randombytes_buf(bytes.data(), bytes.size());
    return base64(bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

std::string scram_verifier(std::string_view password) {
    std::array<unsigned char, kSaltBytes> salt;
    randombytes_buf(salt.data(), salt.size());
    return scram_verifier(password, salt);
}

std::string scram_verifier(std::string_view password, std::span<const unsigned char> salt) {
    const Key key = keyed(salted_password(password, salt));
    const Digest client_key = hmac(key, bytes_of("Client Key"));
    const Digest server_key = hmac(key, bytes_of("Server Key"));
    Digest stored_key;
    crypto_hash_sha256(stored_key.data(), client_key.data(), client_key.size());
    return core::format("{}{}${}:{}", kPrefix, base64(salt), base64(stored_key), base64(server_key));
}

bool scram_matches(std::string_view verifier, std::string_view password) {
    if (!verifier.starts_with(kPrefix)) return false;
    const std::string_view rest = verifier.substr(kPrefix.size());
    const auto salt = from_base64(rest.substr(0, rest.find('$')));
    return salt && scram_verifier(password, *salt) == verifier;
}

}  // namespace singularity::schema
