// What every message says of itself. Whose fields are missing, the publisher fills (publishing.hpp).
#pragma once

#include <boost/describe/class.hpp>
#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace singularity::messages {

inline constexpr std::int64_t kSchemaVersion = 1;

struct Envelope {
    std::int64_t schema_version = kSchemaVersion;
    std::string request_id;  // a ULID or UUID; an answer carries that of its request
    std::optional<std::string> instance_id, agent_id;  // of an answer: whose the request was
    std::optional<std::string> enqueued_at;            // RFC 3339
    std::optional<std::string> traceparent;            // W3C Trace Context
};
BOOST_DESCRIBE_STRUCT(Envelope, (),
                      (schema_version, request_id, instance_id, agent_id, enqueued_at, traceparent))

// Why a result is none.
struct ResultError {
    std::string code;  // for programs: lower case, with underscores
    std::string message;
    std::optional<bool> retryable{};
    boost::json::object details{};
};
BOOST_DESCRIBE_STRUCT(ResultError, (), (code, message, retryable, details))

}  // namespace singularity::messages
