// Queue `llm_requests`, Singularity → Nexus: a model is asked. Answered by an LlmResult.
#pragma once

#include <boost/describe/class.hpp>
#include <boost/json/value.hpp>

#include <string_view>
#include <vector>

#include "messages/envelope.hpp"

namespace singularity::messages {

struct ChatMessage {
    std::string role;            // system, user, assistant, tool
    boost::json::value content;  // a string, blocks as an array of objects, or null beside tool calls
    std::optional<std::string> name{};
    std::optional<std::string> tool_call_id{};      // of the call that this message answers
    std::vector<boost::json::object> tool_calls{};  // {id, name, arguments}
};
BOOST_DESCRIBE_STRUCT(ChatMessage, (), (role, content, name, tool_call_id, tool_calls))

// Bounds on what this request may cost, over all its attempts.
struct LlmBudget {
    std::optional<double> max_cost_usd{};
    std::optional<std::int64_t> max_tokens{}, max_attempts{};
};
BOOST_DESCRIBE_STRUCT(LlmBudget, (), (max_cost_usd, max_tokens, max_attempts))

struct LlmRequest : Envelope {
    static constexpr std::string_view kQueue = "llm_requests";

    std::string task_type;                  // "architect": what Nexus routes and learns by
    std::optional<std::string> complexity;  // simple, medium, complex; goes before task_type
    std::vector<ChatMessage> messages;
    std::string model = "auto", provider = "auto";
    std::vector<boost::json::object> tools;              // {name, description, input_schema}
    std::optional<boost::json::value> tool_choice;       // auto, none, or {name}
    std::optional<boost::json::object> response_schema;  // a JSON Schema that the response is to fit
    std::optional<LlmBudget> budget;
    std::optional<std::int64_t> max_tokens;  // of the response
    std::optional<double> temperature;
    std::optional<std::string> effort;      // low, medium, high, xhigh, max
    std::vector<std::string> stop;          // sequences that end the response
    std::optional<std::string> expires_at;  // nobody wants the answer later
    boost::json::object metadata;           // the asker's own
};
BOOST_DESCRIBE_STRUCT(LlmRequest, (Envelope),
                      (task_type, complexity, messages, model, provider, tools, tool_choice, response_schema,
                       budget, max_tokens, temperature, effort, stop, expires_at, metadata))

}  // namespace singularity::messages
