// Server-sent events (WHATWG HTML, section 9.2): what a text/event-stream consists of.
#pragma once

#include <string>
#include <string_view>

#include "http/message.hpp"

namespace singularity::http {

struct Event {
    std::string_view id = {};    // what a client that comes back sends as Last-Event-ID; without line breaks
    std::string_view name = {};  // empty: "message"; without line breaks
    std::string_view data = {};
};

std::string to_text(const Event& event);

// What a client ignores: keeps the connection busy, and tells the server when it is dead.
inline constexpr std::string_view kHeartbeat = ":\n\n";

// Whether the client asked for a stream of events, by its Accept header.
bool wants_events(const Request& request);

Response event_stream(std::function<boost::asio::awaitable<void>(Stream&)> stream);

// 204: what a client is told that should not come back.
Response end_of_events();

}  // namespace singularity::http
