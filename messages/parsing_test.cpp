#include "messages/parsing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "messages/body_check.hpp"
#include "messages/publishing.hpp"

namespace singularity::messages {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> problems(const std::string& context) {
    auto body = parse(R"({"id": "7", "question": "Which?", "context": )" + context + "}");
    if (!body) return {body.error().message};
    const auto whole = complete("question_requests", std::move(*body), {});
    return whole ? std::vector<std::string>{"none"} : whole.error().details;
}

std::string nested(std::size_t levels) {
    return R"({"deep": )" + std::string(levels, '[') + std::string(levels, ']') + "}";
}

TEST(Parsing, halves_of_surrogate_pairs_are_refused_where_they_stand) {
    const std::string wrong = ": holds a lone surrogate, which is no text";
    EXPECT_THAT(problems(R"({"a": [1, "x\ud800y"]})"), ElementsAre("context.a[1]" + wrong));
    EXPECT_THAT(problems(R"({"a": "\\\uDC00"})"), ElementsAre("context.a" + wrong));
    EXPECT_THAT(problems(R"({"a": "\udc00\ud800", "b": "\ud83d\ude00"})"), ElementsAre("context.a" + wrong));
    EXPECT_THAT(problems("{\"a\": \"\xed\xa0\x80\"}"), ElementsAre("context.a" + wrong));
    EXPECT_THAT(problems(R"({"\ud800": 1})"),
                ElementsAre(R"(context.\xed\xa0\x80: the name holds a lone surrogate, which is no text)"));
}

TEST(Parsing, text_that_looks_like_a_half_is_left_as_it_is) {
    EXPECT_EQ(parse(R"(["\\ud800", "\ud83d\ude00"])")->as_array(),
              (boost::json::array{"\\ud800", "\xf0\x9f\x98\x80"}));
    EXPECT_THAT(parse(R"(["\ud800", "\\ud800)").error().message, HasSubstr("no JSON"));
}

TEST(Parsing, bytes_that_are_no_text_are_refused_where_they_stand) {
    EXPECT_THAT(problems("{\"a\": \"caf\xe9\"}"), ElementsAre("context.a: is no valid UTF-8"));
}

TEST(Parsing, a_message_may_nest_as_deep_as_the_contract_says) {
    EXPECT_THAT(problems(nested(kMaxDepth - 2)), ElementsAre("none"));
    EXPECT_THAT(problems(nested(kMaxDepth)), ElementsAre(HasSubstr("nests deeper than 200 levels")));
    EXPECT_THAT(problems(nested(100'000)), ElementsAre("it nests deeper than 200 levels"));
}

TEST(Parsing, what_is_no_json_is_said_to_be_none) {
    for (const char* text : {"", "{", "{\"a\": \"\\ud800\"", "\\u", "nul"}) {
        const auto parsed = parse(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().code, core::ErrorCode::invalid_input);
        EXPECT_THAT(parsed.error().message, HasSubstr("no JSON"));
    }
}

}  // namespace
}  // namespace singularity::messages
