#include "messages/publishing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <limits>

#include "algo/ulid.hpp"
#include "messages/body_check.hpp"
#include "messages/contract_examples.hpp"

namespace singularity::messages {
namespace {

namespace json = boost::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

json::object job(json::object more = {}) {
    json::object body{{"language", "python"}, {"code", "print(1)"}};
    for (const auto& [name, value] : more) body[name] = value;
    return body;
}

std::vector<std::string> problems(json::value body, std::string_view queue = "job_requests") {
    const auto refused = complete(queue, std::move(body), {});
    if (refused) return {"none"};
    EXPECT_EQ(refused.error().code, core::ErrorCode::invalid_input);
    return refused.error().details;
}

TEST(Publishing, fills_in_what_the_sender_left_out) {
    const auto body = complete("job_requests", job(),
                               {.instance_id = "one",
                                .agent_id = "a",
                                .traceparent = "00-1-2-01",
                                .enqueued_at = core::Timestamp()})
                          .value();
    EXPECT_TRUE(algo::Ulid::parse(body.at("request_id").as_string()));
    EXPECT_EQ(body.at("id"), body.at("request_id"));
    EXPECT_EQ(body.at("schema_version"), 1);
    EXPECT_EQ(body.at("instance_id"), "one");
    EXPECT_EQ(body.at("agent_id"), "a");
    EXPECT_EQ(body.at("traceparent"), "00-1-2-01");
    EXPECT_EQ(body.at("enqueued_at"), "1970-01-01T00:00:00.000000Z");
    EXPECT_FALSE(body.contains("model"));
}

TEST(Publishing, leaves_what_the_sender_wrote) {
    const json::object written = job({{"id", "7"},
                                      {"instance_id", "two"},
                                      {"agent_id", "b"},
                                      {"traceparent", "x"},
                                      {"enqueued_at", "2025-10-25T11:00:00Z"}});
    const auto body = complete("job_requests", written,
                               {.request_id = "8",
                                .instance_id = "one",
                                .agent_id = "a",
                                .traceparent = "y",
                                .enqueued_at = core::Timestamp()})
                          .value();
    for (const auto& [name, value] : written) EXPECT_EQ(body.at(name), value) << name;
    EXPECT_EQ(body.at("request_id"), "7");
}

TEST(Publishing, takes_null_and_empty_for_missing) {
    const auto body = complete("ai_requests",
                               json::object{{"schema_version", nullptr},
                                            {"request_id", ""},
                                            {"task_type", "architect"},
                                            {"messages", {{{"role", "user"}, {"content", "Design a cache"}}}},
                                            {"model", nullptr},
                                            {"provider", ""}},
                               {.request_id = "9"})
                          .value();
    EXPECT_EQ(body.at("request_id"), "9");
    EXPECT_EQ(body.at("model"), "auto");
    EXPECT_EQ(body.at("provider"), "auto");
}

TEST(Publishing, takes_a_version_for_the_number_that_it_is) {
    EXPECT_EQ(complete("job_requests", job({{"schema_version", 1.0}}), {})->at("schema_version"),
              json::value(1));
    EXPECT_THAT(problems(job({{"schema_version", 1.5}})), testing::Each(StartsWith("schema_version: ")));
}

TEST(Publishing, fills_the_older_name_from_request_id_and_the_other_way_round) {
    EXPECT_EQ(complete("job_requests", job({{"request_id", "7"}}), {})->at("id"), "7");
    const json::object query{{"query_id", "8"}, {"query", "text"}};
    EXPECT_EQ(complete("embedding_requests", query, {})->at("request_id"), "8");
    EXPECT_THAT(problems(job({{"request_id", "7"}, {"id", "8"}})),
                ElementsAre(StartsWith("id: must be the same")));
}

TEST(Publishing, an_answer_has_the_id_of_its_request_or_is_refused) {
    EXPECT_THAT(problems(json::object{{"approved", true}}, "approval_responses"),
                testing::UnorderedElementsAre("request_id: is missing", "id: is missing"));
    EXPECT_THAT(problems(json::object{{"request_id", ""}, {"body", "fine"}}, "agent_responses"),
                ElementsAre(StartsWith("request_id: ")));
    const json::object approved{{"approved", true}};
    EXPECT_EQ(complete("approval_responses", approved, {.request_id = "9"})->at("id"), "9");
}

TEST(Publishing, an_id_that_somebody_wrote_and_left_empty_is_told) {
    EXPECT_THAT(empty_ids("job_requests", {{"request_id", ""}, {"id", ""}}),
                ElementsAre(StartsWith("request_id: is empty"), StartsWith("id: is empty")));
    EXPECT_THAT(empty_ids("llm_requests", {{"request_id", "1"}, {"id", ""}}), testing::IsEmpty());
    EXPECT_THAT(empty_ids("job_requests", {{"request_id", nullptr}}), testing::IsEmpty());
}

TEST(Publishing, a_message_with_its_own_id_comes_out_the_same_each_time) {
    const Defaults defaults{.instance_id = "one"};
    const auto once = complete("job_requests", job({{"id", "7"}}), defaults).value();
    EXPECT_FALSE(once.contains("enqueued_at"));
    EXPECT_EQ(json::serialize(complete("job_requests", job({{"id", "7"}}), defaults).value()),
              json::serialize(once));
    EXPECT_TRUE(complete("job_requests", job(), defaults)->contains("enqueued_at"));
}

TEST(Publishing, refuses_what_is_no_object) {
    for (const json::value& body :
         {json::value(nullptr), json::value(3), json::value("x"), json::value(json::array())}) {
        const auto refused = complete("job_requests", body, {});
        ASSERT_FALSE(refused);
        EXPECT_THAT(refused.error().message, StartsWith("a message must be an object, not "));
    }
}

TEST(Publishing, a_queue_without_a_contract_is_not_found) {
    EXPECT_EQ(complete("no_such_queue", json::object(), {}).error().code, core::ErrorCode::not_found);
}

TEST(Publishing, names_every_field_that_is_wrong) {
    EXPECT_THAT(
        problems(json::object{{"language", 3}, {"files", {{{"path", "a"}}}}, {"limits", {{"cpu_ms", 0}}}}),
        testing::UnorderedElementsAre("language: a string is needed, not int64", "code: is missing",
                                      "files[0].content: is missing", StartsWith("limits.cpu_ms: ")));
    EXPECT_THAT(problems(job({{"kind", "dance"}})),
                ElementsAre(HasSubstr(R"(kind: must be one of ["run",)")));
}

TEST(Publishing, refuses_nul_in_a_value_and_in_a_name) {
    EXPECT_THAT(problems(job({{"stdin", std::string("a\0b", 3)}})),
                ElementsAre(StartsWith("stdin: holds NUL")));
    EXPECT_THAT(problems(job({{"deep", {1, {{std::string("a\0b", 3), 1}}}}})),
                ElementsAre(StartsWith("deep[1].a\\x00b: the name holds NUL")));
}

TEST(Publishing, refuses_ids_that_nobody_can_ask_for) {
    for (const std::string id : {"a\nb", "a\r\nX-Evil: 1", "a\tb", "\x7f"}) {
        EXPECT_THAT(problems(job({{"request_id", id}})),
                    ElementsAre("request_id: has control characters or is not UTF-8"));
        EXPECT_THAT(problems(job({{"id", id}})), ElementsAre(StartsWith("request_id: ")));
        EXPECT_FALSE(complete("job_requests", job(), {.request_id = id}));
    }
    EXPECT_THAT(problems(job({{"request_id", "  "}})), ElementsAre("request_id: is blank"));
    std::string wide;
    for (int i = 0; i < 171; ++i) wide += "€";
    EXPECT_THAT(problems(job({{"request_id", wide}})),
                ElementsAre("request_id: has 513 bytes; 512 are the most"));
    EXPECT_THAT(problems(job({{"request_id", "../größe?x"}})), ElementsAre("none"));
}

TEST(Publishing, refuses_lone_surrogates_and_bytes_that_are_no_utf8) {
    EXPECT_THAT(problems(job({{"code", "\xed\xa0\xbd"}})),
                ElementsAre("code: holds a lone surrogate, which is no text"));
    EXPECT_THAT(problems(job({{"x", {{"\xed\xb8\x80", 1}}}})),
                ElementsAre("x.\\xed\\xb8\\x80: the name holds a lone surrogate, which is no text"));
    EXPECT_THAT(problems(job({{"code", "caf\xe9"}})), ElementsAre("code: is no valid UTF-8"));
    EXPECT_THAT(problems(job({{"caf\xe9", 1}})), ElementsAre("caf\\xe9: the name is no valid UTF-8"));
    EXPECT_THAT(problems(job({{"code", "print('ä😀')"}})), ElementsAre("none"));
}

TEST(Publishing, refuses_numbers_that_json_has_not) {
    EXPECT_THAT(problems(job({{"x", std::numeric_limits<double>::infinity()}})),
                ElementsAre("x: the number is not finite"));
}

TEST(Publishing, refuses_what_nests_too_deep) {
    json::value deep = 1;
    for (std::size_t i = 0; i <= kMaxDepth; ++i) deep = json::array{std::move(deep)};
    EXPECT_THAT(problems(job({{"deep", std::move(deep)}})), ElementsAre(HasSubstr("nests deeper than")));
}

TEST(Publishing, refuses_what_is_longer_than_a_message_may_be) {
    EXPECT_THAT(problems(job({{"stdin", std::string(kMaxBodyBytes, 'x')}})),
                ElementsAre("the message: is longer than 32 MB"));
    EXPECT_THAT(problems(job({{"stdin", std::string(kMaxBodyBytes - 1000, 'x')}})), ElementsAre("none"));
}

TEST(Publishing, refuses_what_would_be_taken_for_a_blob) {
    EXPECT_THAT(problems(job({{"x", {{"$blob", std::string(64, 'a')}, {"bytes", 3}}}})),
                ElementsAre(StartsWith("x: what looks like a reference")));
    EXPECT_THAT(problems(job({{"x", {{"$blob", "a"}, {"bytes", 3}}}})), ElementsAre("none"));
}

TEST(RequestId, is_the_first_that_is_there_of_its_names) {
    EXPECT_EQ(request_id_of({{"query_id", "q"}, {"id", "i"}, {"request_id", "r"}}), "r");
    EXPECT_EQ(request_id_of({{"query_id", "q"}, {"id", "i"}, {"request_id", ""}}), "i");
    EXPECT_EQ(request_id_of({{"query_id", "q"}, {"id", 3}}), "q");
    EXPECT_EQ(request_id_of({{"name", "n"}}), "");
}

TEST(RequestId, is_a_ulid_later_than_those_before) {
    std::string last;
    for (int i = 0; i < 1000; ++i) {
        const std::string id = new_request_id();
        EXPECT_TRUE(algo::Ulid::parse(id)) << id;
        EXPECT_LT(last, id);
        last = id;
    }
}

}  // namespace
}  // namespace singularity::messages
