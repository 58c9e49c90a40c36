#include "http/wire.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

#include "core/format.hpp"

namespace singularity::http {

namespace beast = boost::beast;

namespace {

using Head = beast::http::response<beast::http::empty_body>;

void set_length(Head& head, const Response& response, const Exchange& exchange) {
    if (!response.stream) head.content_length(response.body.size());
    else if (exchange.version >= 11) head.chunked(true);
    else head.keep_alive(false);
}

std::string lower_case(std::string name) {
    std::ranges::transform(name, name.begin(), [](unsigned char letter) { return std::tolower(letter); });
    return name;
}

// RFC 9110, 5.5: what would end the line, or the header, is a space.
std::string on_one_line(std::string value) {
    const auto is_wrong = [](char letter) { return letter == '\r' || letter == '\n' || letter == '\0'; };
    std::ranges::replace_if(value, is_wrong, ' ');
    return value;
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

std::string head_of(const Response& response, const Exchange& exchange) {
    Head head;
    head.result(static_cast<unsigned>(response.status));
    head.version(exchange.version);
    const bool bodied = response.stream || has_body(response.status);
    if (bodied) head.set(beast::http::field::content_type, on_one_line(response.content_type));
    head.set("X-Content-Type-Options", "nosniff");
    for (const auto& [name, value] : response.headers) head.set(name, on_one_line(value));
    head.keep_alive(exchange.keep_alive);
    if (bodied) set_length(head, response, exchange);
    const std::string_view reason = beast::http::obsolete_reason(head.result());
    std::string text = core::format("HTTP/{}.{} {} {}\r\n", exchange.version / 10, exchange.version % 10,
                                    response.status, reason);
    for (const auto& field : head) {
        text.append(field.name_string()).append(": ").append(field.value()).append("\r\n");
    }
    return text.append("\r\n");
}

std::string_view body_of(const Response& response, const Exchange& exchange) {
    if (exchange.head || !has_body(response.status)) return {};
    return response.body;
}

std::string chunk_head(std::size_t size) {
    return core::format("{:x}\r\n", size);
}

std::optional<Response> refusal_of(const beast::error_code& error) {
    const int status = status_of(error);
    if (status == 0) return std::nullopt;
    return Response::error({core::ErrorCode::invalid_input, error.message(), {}}, status);
}

}  // namespace singularity::http
