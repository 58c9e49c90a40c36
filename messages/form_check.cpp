#include "messages/form_check.hpp"

#include <algorithm>
#include <boost/json/value.hpp>

#include "core/format.hpp"
#include "messages/registry.hpp"
#include "messages/times.hpp"

namespace singularity::messages {

namespace {

constexpr std::string_view kTraceShape = "00-00000000000000000000000000000000-0000000000000000-00";

bool has_hex_where(char c, char shape) {
    return shape == '-' ? c == '-' : (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

bool is_zero(std::string_view id) {
    return id.find_first_not_of('0') == id.npos;
}

std::string_view written_in(const boost::json::object& body, std::string_view field) {
    const boost::json::value* value = body.if_contains(field);
    return value && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}

}  // namespace

bool is_traceparent(std::string_view text) {
    const std::string_view known = text.substr(0, kTraceShape.size());
    if (!std::ranges::equal(known, kTraceShape, has_hex_where) || known.starts_with("ff")) return false;
    if (is_zero(known.substr(3, 32)) || is_zero(known.substr(36, 16))) return false;
    return text.size() == known.size() || (!known.starts_with("00") && text[known.size()] == '-');
}

std::vector<std::string> form_problems(std::string_view queue, const boost::json::object& body) {
    std::vector<std::string> problems;
    const QueueContract* contract = find_contract(queue);
    const bool is_answered = contract && !contract->answers.empty();
    for (const std::string_view field : {"enqueued_at", "expires_at"}) {
        if (field == "expires_at" && !is_answered) continue;
        const std::string_view time = written_in(body, field);
        if (!time.empty() && !is_time(time))
            problems.push_back(core::format("{}: must be a time such as 2026-11-21T10:37:31Z", field));
    }
    const std::string_view trace = written_in(body, "traceparent");
    if (!trace.empty() && !is_traceparent(trace))
        problems.push_back(core::format("traceparent: must be as W3C Trace Context has it: {}", kTraceShape));
    return problems;
}

}  // namespace singularity::messages
