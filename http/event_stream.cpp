#include "http/event_stream.hpp"

#include <boost/algorithm/string/predicate.hpp>
#include <boost/algorithm/string/trim.hpp>

#include <ranges>

namespace singularity::http {

namespace {

void add_field(std::string& text, std::string_view name, std::string_view value) {
    text.append(name).append(": ").append(value).append("\n");
}

}  // namespace

std::string to_text(const Event& event) {
    std::string text;
    if (!event.id.empty()) add_field(text, "id", event.id);
    if (!event.name.empty()) add_field(text, "event", event.name);
    // CR, LF and both together end a line.
    for (std::size_t start = 0;;) {
        const auto end = event.data.find_first_of("\r\n", start);
        add_field(text, "data", event.data.substr(start, end - start));
        if (end == std::string_view::npos) break;
        start = end + (event.data.substr(end).starts_with("\r\n") ? 2 : 1);
    }
    return text + "\n";
}

bool wants_events(const Request& request) {
    const auto accept = request.headers.find("accept");
    if (accept == request.headers.end()) return false;
    return std::ranges::any_of(std::views::split(accept->second, ','), [](const auto part) {
        const std::string_view range(part.begin(), part.end());
        const std::string type = boost::algorithm::trim_copy(std::string(range.substr(0, range.find(';'))));
        return boost::algorithm::iequals(type, "text/event-stream");
    });
}

Response event_stream(std::function<boost::asio::awaitable<void>(Stream&)> stream) {
    Response response;
    response.content_type = "text/event-stream";
    response.headers["Cache-Control"] = "no-store";
    response.stream = std::move(stream);
    return response;
}

Response end_of_events() {
    Response response;
    response.status = 204;
    return response;
}

}  // namespace singularity::http
