// Queue `llm_results`, Nexus → Singularity: what the model answered, what it cost, and how it came about.
#pragma once

#include <boost/describe/class.hpp>
#include <boost/json/value.hpp>

#include <string_view>
#include <vector>

#include "messages/envelope.hpp"
#include "messages/model_usage.hpp"
#include "messages/nullable.hpp"

namespace singularity::messages {

// One call of a provider, whatever came of it. What failed may have cost money too.
struct LlmAttempt {
    std::string provider, model;
    std::string outcome;  // ok, transient, rate_limited, quota, auth, request, context_too_long, refused,
                          // cut, cancelled, unknown (a crash hid it)
    std::optional<std::int64_t> status{};  // HTTP
    std::optional<std::string> started_at{}, error{};
    std::optional<std::int64_t> duration_ms{}, first_token_ms{};
    std::optional<ModelUsage> usage{};
    std::optional<double> cost_usd{};
    std::optional<std::string> price_id{};  // the price that cost_usd was computed by
};
BOOST_DESCRIBE_STRUCT(LlmAttempt, (),
                      (provider, model, outcome, status, started_at, error, duration_ms, first_token_ms,
                       usage, cost_usd, price_id))

struct LlmResult : Envelope {
    static constexpr std::string_view kQueue = "llm_results";

    std::string response;  // empty where `error` says why
    std::string model;     // the one that answered
    std::int64_t tokens_used = 0;
    Nullable<double> cost_cents;     // null: no price is known
    std::optional<double> cost_usd;  // of all attempts; the exact figure
    std::optional<std::string> provider;
    std::optional<ModelUsage> usage;               // of all attempts
    std::optional<std::string> finish_reason;      // stop, length, tool_use, refusal, error
    std::vector<boost::json::object> tool_calls;   // {id, name, arguments}
    std::optional<boost::json::value> structured;  // the response as JSON, where response_schema asked for it
    std::vector<LlmAttempt> attempts;
    std::optional<std::string> route_reason;
    std::optional<ResultError> error;
    std::optional<std::string> timestamp;  // when it was answered
};
BOOST_DESCRIBE_STRUCT(LlmResult, (Envelope),
                      (response, model, tokens_used, cost_cents, cost_usd, provider, usage, finish_reason,
                       tool_calls, structured, attempts, route_reason, error, timestamp))

}  // namespace singularity::messages
