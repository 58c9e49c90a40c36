#include "analysis/digest.hpp"

#include <array>

#include <sodium.h>

namespace singularity::analysis {

std::string sha256_hex(std::string_view bytes) {
    // SHA-256 needs no sodium_init(): it has no state and no randomness.
    std::array<unsigned char, crypto_hash_sha256_BYTES> digest;
    crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    std::array<char, crypto_hash_sha256_BYTES * 2 + 1> hex;
    sodium_bin2hex(hex.data(), hex.size(), digest.data(), digest.size());
    return std::string(hex.data());
}

}  // namespace singularity::analysis
