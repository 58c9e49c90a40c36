#include "messages/headers.hpp"

#include <cstdlib>
#include <optional>
#include <string>

#include "messages/registry.hpp"
#include "messages/request_id.hpp"

namespace singularity::messages {

namespace {

std::string text_of(const boost::json::object& body, std::string_view field) {
    const auto* value = body.if_contains(field);
    return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::string group_of(std::string_view queue, const boost::json::object& body) {
    std::string group = text_of(body, "instance_id");
    const QueueContract* contract = find_contract(queue);
    const std::string agent = contract && contract->agents_take_turns ? text_of(body, "agent_id") : "";
    return agent.empty() ? group : group + "/" + agent;
}

// Where it is one: in other queues a field of that name may be anything.
std::optional<std::int64_t> priority_of(const boost::json::object& body) {
    constexpr std::int64_t kMost = 100;
    const auto* value = body.if_contains("priority");
    if (!value || !value->is_int64() || std::abs(value->get_int64()) > kMost) return std::nullopt;
    return value->get_int64();
}

}  // namespace

boost::json::object headers_of(std::string_view queue, const boost::json::object& body) {
    boost::json::object headers;
    if (const std::string id = request_id_of(body); !id.empty()) headers["x-queue-unique-key"] = id;
    if (const std::string group = group_of(queue, body); !group.empty()) headers["x-pgmq-group"] = group;
    if (const std::string trace = text_of(body, "traceparent"); !trace.empty())
        headers["traceparent"] = trace;
    if (const auto priority = priority_of(body)) headers["x-queue-priority"] = *priority;
    return headers;
}

}  // namespace singularity::messages
