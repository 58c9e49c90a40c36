#include "messages/unknown_fields.hpp"

#include <gmock/gmock.h>

#include "messages/job_request.hpp"
#include "messages/json_mapping.hpp"

namespace singularity::messages {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> unknown_in(std::string_view text) {
    auto given = boost::json::parse(text).as_object();
    for (const char* required : {"id", "request_id", "instance_id", "enqueued_at", "schema_version"})
        given.emplace(required, boost::json::value());
    given["schema_version"] = 1;
    for (const char* required : {"id", "request_id", "instance_id", "enqueued_at"}) given[required] = "x";
    const auto request = from_json<JobRequest>(given);
    return request ? unknown_fields(given, to_json(*request)) : request.error().details;
}

TEST(unknown_fields, are_named_with_their_path) {
    EXPECT_THAT(unknown_in(R"({"language": "c", "code": "", "limit": {"cpu_ms": 1},
                               "limits": {"cpu_ms": 1, "memory": 64},
                               "files": [{"path": "a", "content": ""}, {"path": "b", "content": "", "mode": 7}]})"),
                ElementsAre("limit", "limits.memory", "files[1].mode"));
}

TEST(unknown_fields, are_none_of_what_the_type_names_nor_nulls) {
    EXPECT_THAT(unknown_in(R"({"language": "c", "code": "", "arguments": ["a"], "limits": {"cpu_ms": 1},
                               "stdin": null, "whatever": null})"),
                IsEmpty());
}

}  // namespace
}  // namespace singularity::messages
