#include "messages/pattern_discovery.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>

#include "messages/json_mapping.hpp"
#include "messages/validation.hpp"

namespace singularity::messages {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view kQueue = "pattern_discoveries_published";

boost::json::object valid_body() {
    PatternDiscovery message;
    message.request_id = "6f1c9b1e-0000-4000-8000-000000000001";
    message.instance_id = "singularity";
    message.incarnation = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
    message.name = "retry-with-backoff/bounded-3fa9c1";
    message.ecosystem = "cpp";
    message.confidence = 0.857;
    message.evidence.push_back({.repository = "/src/a",
                                .path = "net/client.cpp",
                                .folder = "net",
                                .content_hash = std::string(64, 'a'),
                                .confidence = 1,
                                .function = "connect",
                                .start_line = 3,
                                .end_line = 20});
    return to_json(message);
}

TEST(PatternDiscovery, what_is_written_validates_and_reads_back_the_same) {
    const boost::json::object body = valid_body();
    ASSERT_TRUE(validate(kQueue, body));
    const auto read = from_json<PatternDiscovery>(body);
    ASSERT_TRUE(read);
    EXPECT_EQ(to_json(*read), body);
    EXPECT_EQ(read->evidence.at(0).end_line, 20);
}

TEST(PatternDiscovery, a_missing_field_is_refused_by_name) {
    for (const char* field : {"schema_version", "request_id", "instance_id", "incarnation", "name",
                              "ecosystem", "revision", "confidence", "evidence"}) {
        boost::json::object body = valid_body();
        body.erase(field);
        const auto verdict = validate(kQueue, body);
        ASSERT_FALSE(verdict) << field;
        EXPECT_THAT(verdict.error().details, Contains(HasSubstr(field)));
    }
}

TEST(PatternDiscovery, a_mistyped_field_is_refused_with_its_path) {
    boost::json::object body = valid_body();
    body["evidence"].as_array()[0].as_object()["confidence"] = "high";
    EXPECT_THAT(validate(kQueue, body).error().details, Contains(StartsWith("evidence[0].confidence")));
    EXPECT_THAT(from_json<PatternDiscovery>(body).error().details,
                Contains("evidence[0].confidence: a number is needed, not string"));
}

TEST(PatternDiscovery, values_out_of_range_are_refused) {
    for (const auto& [field, value] :
         std::initializer_list<std::pair<const char*, boost::json::value>>{{"confidence", 1.5},
                                                                           {"revision", 0},
                                                                           {"schema_version", 2},
                                                                           {"name", ""},
                                                                           {"incarnation", "first"}}) {
        boost::json::object body = valid_body();
        body[field] = value;
        EXPECT_FALSE(validate(kQueue, body)) << field;
    }
}

TEST(PatternDiscovery, unknown_fields_are_allowed) {
    boost::json::object body = valid_body();
    body["mood"] = "sunny";
    EXPECT_TRUE(validate(kQueue, body));
    EXPECT_TRUE(from_json<PatternDiscovery>(body));
}

TEST(PatternDiscovery, what_is_no_object_is_refused) {
    for (const boost::json::value& body :
         {boost::json::value(nullptr), boost::json::value(3), boost::json::value("x")}) {
        EXPECT_FALSE(validate(kQueue, body));
        EXPECT_FALSE(from_json<PatternDiscovery>(body));
    }
}

TEST(Validation, a_queue_without_a_schema_is_said_to_have_none) {
    EXPECT_EQ(validate("no_such_queue", {}).error().code, core::ErrorCode::not_found);
}

}  // namespace
}  // namespace singularity::messages
