#include "services/nexus/request_query.hpp"

#include <charconv>
#include <cmath>
#include <utility>
#include <vector>

#include "core/format.hpp"
#include "http/event_stream.hpp"
#include "messages/request_id.hpp"

namespace singularity::services::nexus {

namespace {

std::optional<std::chrono::milliseconds> parse_wait(std::string_view text) {
    double seconds = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), seconds, std::chars_format::fixed);
    const bool number = error == std::errc{} && end == text.data() + text.size() && std::isfinite(seconds);
    if (!number || std::signbit(seconds) || seconds > static_cast<double>(kLongestWait.count()))
        return std::nullopt;
    return std::chrono::milliseconds(std::llround(seconds * 1000));
}

std::string header(const http::Request& request, std::string_view name) {
    const auto found = request.headers.find(name);
    return found == request.headers.end() ? "" : found->second;
}

}  // namespace

core::Expected<RequestQuery> parse_request_query(const http::Request& request) {
    const auto parameters = http::parse_query(request.query);
    if (!parameters) return std::unexpected(parameters.error());
    RequestQuery query{.request_id = request.parameters.at("id"),
                       .wait = {},
                       .events = http::wants_events(request),
                       .last_event_id = header(request, "last-event-id")};
    std::vector<std::string> wrong;
    if (const std::string trouble = messages::trouble_with_request_id(query.request_id); !trouble.empty())
        wrong.push_back("id: " + trouble);
    if (const auto wait = parameters->find("wait"); wait != parameters->end()) {
        query.wait = parse_wait(wait->second);
        if (!query.wait) {
            wrong.push_back(core::format("wait: \"{}\" is no number of seconds from 0 to {}",
                                         wait->second.substr(0, 40), kLongestWait.count()));
        }
    }
    if (wrong.empty()) return query;
    std::string message = wrong.front();
    if (wrong.size() > 1) message += "; " + wrong.back();
    return core::failure(core::ErrorCode::invalid_input, std::move(message), std::move(wrong));
}

}  // namespace singularity::services::nexus
