// Between Beast's messages and ours. For this folder alone.
#pragma once

#include <boost/beast/http.hpp>

#include <optional>
#include <string>
#include <string_view>

#include "http/message.hpp"

namespace singularity::http {

// What of a request decides how its response is sent.
struct Exchange {
    unsigned version = 11;  // 10 knows no chunks
    bool head = false;
    bool keep_alive = true;
};

using WireRequest = boost::beast::http::request<boost::beast::http::string_body>;

Exchange exchange_of(const WireRequest& message);
Request to_request(WireRequest&& message);

// The first line and the header fields, as they go over the wire. Of a streaming response the body follows in
// chunks, or until the connection ends; of others it is what body_of() says.
std::string head_of(const Response& response, const Exchange& exchange);
std::string_view body_of(const Response& response, const Exchange& exchange);

// What stands before a chunk of a body; after it comes an end of line.
std::string chunk_head(std::size_t size);

// What a client is told of a request that could not be read; nothing where there is nobody to tell.
std::optional<Response> refusal_of(const boost::beast::error_code& error);

}  // namespace singularity::http
