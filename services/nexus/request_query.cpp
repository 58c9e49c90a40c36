#include "services/nexus/request_query.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>
#include <vector>

#include "analysis/walk/utf8.hpp"
#include "core/format.hpp"
#include "http/event_stream.hpp"

namespace singularity::services::nexus {

namespace {

// Why it can be no id of a request; empty where it can.
std::string trouble_with_id(std::string_view id) {
    if (id.size() > kLongestRequestId) {
        return core::format("id: has {} bytes; {} are the most", id.size(), kLongestRequestId);
    }
    const bool control = std::ranges::any_of(id, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
    if (control || !analysis::is_utf8(id)) return "id: has control characters or is not UTF-8";
    if (id.find_first_not_of(' ') == id.npos) return "id: is empty";
    return "";
}

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
    if (std::string trouble = trouble_with_id(query.request_id); !trouble.empty()) wrong.push_back(trouble);
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
