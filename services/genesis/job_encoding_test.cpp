#include "services/genesis/job_encoding.hpp"

#include <gtest/gtest.h>

#include "services/genesis/language_versions.hpp"

namespace singularity::services::genesis {

namespace {

TEST(job_encoding, keeps_text_as_it_is) {
    EXPECT_EQ(encode("größe\n").text, "größe\n");
    EXPECT_EQ(encode("größe\n").encoding, "utf-8");
    EXPECT_EQ(encode("").encoding, "utf-8");
}

TEST(job_encoding, brings_every_byte_there_and_back) {
    std::string bytes;
    for (int each = 0; each < 256; ++each) bytes.push_back(static_cast<char>(each));
    EXPECT_EQ(encode(bytes).encoding, "base64");
    EXPECT_EQ(from_base64(encode(bytes).text), bytes);
}

TEST(job_encoding, refuses_what_only_looks_like_base64) {
    for (const char* text : {"a", "ab", "abc", "ab=c", "abc=\n", " abc=", "ab_=", "====", "abcd=", "abcdé"}) {
        EXPECT_FALSE(from_base64(text).has_value()) << text;
    }
    EXPECT_EQ(from_base64(""), "");
}

TEST(job_encoding, replaces_what_no_text_has) {
    EXPECT_EQ(as_text("a\xff\xfeö"), "a\xEF\xBF\xBD\xEF\xBF\xBDö");
    EXPECT_EQ(as_text(std::string_view("a\0b", 3)),
              "a\xEF\xBF\xBD"
              "b");
}

TEST(job_encoding, finds_versions_in_what_programs_print) {
    EXPECT_EQ(version_in("Python 3.13.5\n"), "3.13.5");
    EXPECT_EQ(version_in("v20.20.2"), "20.20.2");
    EXPECT_EQ(version_in("go version go1.24.4 linux/amd64"), "1.24.4");
    EXPECT_EQ(version_in("GNU bash, version 5.2.15(1)-release"), "5.2.15");
    EXPECT_EQ(version_in("Release 12 of nothing."), "");
}

}  // namespace

}  // namespace singularity::services::genesis
