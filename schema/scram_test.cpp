#include "schema/scram.hpp"

#include <gtest/gtest.h>

#include <set>

namespace singularity::schema {
namespace {

// The salt and password of RFC 7677's example.
constexpr unsigned char kSalt[] = {0x5b, 0x6d, 0x99, 0x68, 0x9d, 0x12, 0x35, 0x8e,
                                   0xec, 0xa0, 0x4b, 0x14, 0x12, 0x36, 0xfa, 0x81};

TEST(Scram, agrees_with_the_example_of_rfc_7677) {
    EXPECT_EQ(scram_verifier("pencil", kSalt),
              "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="
              ":wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=");
}

TEST(Scram, a_verifier_matches_its_password_alone) {
    const std::string verifier = scram_verifier("secret");
    EXPECT_TRUE(scram_matches(verifier, "secret"));
    EXPECT_FALSE(scram_matches(verifier, "Secret"));
    EXPECT_NE(verifier, scram_verifier("secret")) << "salts differ";
}

TEST(Scram, what_is_no_verifier_matches_nothing) {
    for (const std::string_view text :
         {"", "md5d41d8cd98f00b204e9800998ecf8427e", "SCRAM-SHA-256$4096:", "SCRAM-SHA-256$4096:%%$a:b"}) {
        EXPECT_FALSE(scram_matches(text, "secret")) << text;
    }
}

TEST(Scram, random_passwords_need_no_escaping_and_differ) {
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) {
        const std::string password = random_password();
        EXPECT_EQ(password.size(), 32u);
        EXPECT_EQ(password.find_first_of(":\\' "), std::string::npos);
        seen.insert(password);
    }
    EXPECT_EQ(seen.size(), 100u);
}

}  // namespace
}  // namespace singularity::schema
