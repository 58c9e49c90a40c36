// Between Beast's messages and ours. For this folder alone.
#pragma once

#include <boost/beast/http.hpp>

#include <optional>

#include "http/message.hpp"

namespace singularity::http {

// What of a request decides how its response is sent.
struct Exchange {
    unsigned version = 11;  // 10 knows no chunks
    bool head = false;
    bool keep_alive = true;
};

using WireRequest = boost::beast::http::request<boost::beast::http::string_body>;
using WireResponse = boost::beast::http::response<boost::beast::http::string_body>;
using WireHeader = boost::beast::http::response<boost::beast::http::empty_body>;

Exchange exchange_of(const WireRequest& message);
Request to_request(WireRequest&& message);

WireResponse to_wire(Response&& response, const Exchange& exchange);
// Of a streaming response: its body follows in chunks, or until the connection ends.
WireHeader header_to_wire(const Response& response, const Exchange& exchange);

// What a client is told of a request that could not be read; nothing where there is nobody to tell.
std::optional<Response> refusal_of(const boost::beast::error_code& error);

}  // namespace singularity::http
