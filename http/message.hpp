// A request and a response as a handler sees them: whole, in memory, already parsed.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json/value.hpp>

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "core/error.hpp"

namespace singularity::http {

struct Request {
    std::string method;                                       // "GET"
    std::string path;                                         // decoded by nobody: as it stood before '?'
    std::string query;                                        // as it stood after '?', without it
    std::map<std::string, std::string, std::less<>> headers;  // names in lower case
    std::string body;
};

struct Response {
    int status = 200;
    std::string content_type = "text/plain; charset=utf-8";
    std::string body;
    std::map<std::string, std::string, std::less<>> headers;

    static Response json(const boost::json::value& value, int status = 200);
    static Response text(std::string_view body, int status = 200);
    // {"error": {"code": "not_found", "message": …, "details": […]}} with the status of its code.
    static Response error(const core::Error& error);
};

// Runs on the server's executor. What it throws becomes a 500 that says nothing of the inside.
using Handler = std::function<boost::asio::awaitable<Response>(const Request&)>;

}  // namespace singularity::http
