// SCRAM-SHA-256 verifiers as PostgreSQL stores them (RFC 5802, RFC 7677), made here so that no
// password ever travels to the server or into its log.
//
//     SCRAM-SHA-256$4096:SALT$STOREDKEY:SERVERKEY      the three in base64
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace singularity::schema {

// 32 characters of A-Z a-z 0-9 - _, from 192 random bits.
std::string random_password();

// `password` is ASCII, so that SASLprep leaves it as it is.
std::string scram_verifier(std::string_view password);
std::string scram_verifier(std::string_view password, std::span<const unsigned char> salt);

// Whether a role with this verifier can log in with this password; false for what is no verifier.
bool scram_matches(std::string_view verifier, std::string_view password);

}  // namespace singularity::schema
