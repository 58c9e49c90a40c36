#include "http/wire.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace singularity::http {

namespace beast = boost::beast;

namespace {

template <class Message>
void set_header(Message& message, const Response& response, const Exchange& exchange) {
    message.result(static_cast<unsigned>(response.status));
    message.version(exchange.version);
    message.set(beast::http::field::content_type, response.content_type);
    message.set("X-Content-Type-Options", "nosniff");
    for (const auto& [name, value] : response.headers) message.set(name, value);
    message.keep_alive(exchange.keep_alive);
}

std::string lower_case(std::string name) {
    std::ranges::transform(name, name.begin(), [](unsigned char letter) { return std::tolower(letter); });
    return name;
}

int status_of(const beast::error_code& error) {
    if (error == beast::http::error::body_limit) return 413;
    if (error == beast::http::error::header_limit) return 431;
    if (error == beast::http::error::end_of_stream || error == beast::http::error::partial_message) return 0;
    const beast::error_code of_http = beast::http::error::bad_method;
    return error.category() == of_http.category() ? 400 : 0;
}

bool has_body(int status) {
    return status >= 200 && status != 204 && status != 304;
}

}  // namespace

Exchange exchange_of(const WireRequest& message) {
    return {.version = message.version(),
            .head = message.method() == beast::http::verb::head,
            .keep_alive = message.keep_alive()};
}

Request to_request(WireRequest&& message) {
    Request request;
    request.method = message.method_string();
    const std::string_view target = message.target();
    const auto mark = target.find('?');
    request.path = target.substr(0, mark);
    if (mark != std::string_view::npos) request.query = target.substr(mark + 1);
    for (const auto& field : message) {
        const auto [header, is_new] =
            request.headers.try_emplace(lower_case(field.name_string()), field.value());
        if (!is_new) header->second.append(", ").append(field.value());
    }
    request.body = std::move(message.body());
    return request;
}

WireResponse to_wire(Response&& response, const Exchange& exchange) {
    WireResponse message;
    set_header(message, response, exchange);
    if (!has_body(response.status)) {
        message.erase(beast::http::field::content_type);
        return message;
    }
    const std::size_t length = response.body.size();
    if (!exchange.head) message.body() = std::move(response.body);
    message.content_length(length);
    return message;
}

WireHeader header_to_wire(const Response& response, const Exchange& exchange) {
    WireHeader message;
    set_header(message, response, exchange);
    if (exchange.version >= 11) message.chunked(true);
    else message.keep_alive(false);
    return message;
}

std::optional<Response> refusal_of(const beast::error_code& error) {
    const int status = status_of(error);
    if (status == 0) return std::nullopt;
    return Response::text(error.message() + "\n", status);
}

}  // namespace singularity::http
