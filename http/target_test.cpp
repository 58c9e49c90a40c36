#include "http/target.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace singularity::http {
namespace {

using testing::HasSubstr;
using testing::Pair;
using testing::UnorderedElementsAre;

TEST(Target, a_segment_is_decoded_and_keeps_its_plus) {
    EXPECT_EQ(*percent_decoded("a%2Fb+c%25"), "a/b+c%");
}

TEST(Target, a_percent_sign_without_two_digits_is_refused) {
    for (const char* text : {"%", "a%4", "%zz", "100%"}) {
        const auto decoded = percent_decoded(text);
        ASSERT_FALSE(decoded) << text;
        EXPECT_EQ(decoded.error().code, core::ErrorCode::invalid_input);
    }
}

TEST(Target, any_text_is_encoded_as_one_segment) {
    EXPECT_EQ(percent_encoded("01JD-k.l_m~"), "01JD-k.l_m~");
    EXPECT_EQ(percent_encoded("../x y?é\r\n"), "..%2Fx%20y%3F%C3%A9%0D%0A");
}

TEST(Target, a_query_is_names_with_values) {
    EXPECT_THAT(
        *parse_query("wait=5&name=a+b%26c&flag&&x="),
        UnorderedElementsAre(Pair("wait", "5"), Pair("name", "a b&c"), Pair("flag", ""), Pair("x", "")));
    EXPECT_TRUE(parse_query("")->empty());
}

TEST(Target, a_value_may_contain_an_equals_sign) {
    EXPECT_EQ(parse_query("a=b=c")->at("a"), "b=c");
}

TEST(Target, a_name_that_is_given_twice_is_refused_by_name) {
    const auto query = parse_query("wait=1&wait=2");
    ASSERT_FALSE(query);
    EXPECT_THAT(query.error().message, HasSubstr("wait"));
}

TEST(Target, a_query_that_is_wrongly_encoded_is_refused) {
    EXPECT_FALSE(parse_query("a=%"));
    EXPECT_FALSE(parse_query("%g1=a"));
}

}  // namespace
}  // namespace singularity::http
