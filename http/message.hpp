// A request and a response as a handler sees them: the request whole, in memory, already parsed.
//
// A response is mostly whole too. Two kinds are made after the request has been let go, so that thousands may
// wait at once: `later` is a response that waits for something, `stream` a body that is sent while it is
// made. Both are cancelled as soon as the client closes its connection, or its sending side of it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json/value.hpp>

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "http/target.hpp"

namespace singularity::http {

using Headers = std::map<std::string, std::string, std::less<>>;

struct Request {
    std::string method = {};  // "GET"
    std::string path = {};    // decoded by nobody: as it stood before '?'
    std::string query = {};   // as it stood after '?', without it
    Headers headers = {};     // names in lower case; one that came twice has its values joined by ", "
    std::string body = {};
    Parameters parameters = {};  // what stood in the path in place of the route's {names}, decoded
};

// Where a streaming response writes its body.
class Stream {
public:
    virtual ~Stream() = default;

    // Returns once the connection has taken it all: who writes faster than the client reads waits here.
    // Throws boost::system::system_error where the client is gone or takes nothing for as long as the server
    // allows.
    virtual boost::asio::awaitable<void> write(std::string_view bytes) = 0;
};

struct Response {
    int status = 200;
    std::string content_type = "text/plain; charset=utf-8";
    std::string body = {};
    Headers headers = {};  // CR, LF and NUL in a value are sent as spaces

    // Instead of all the above: what answers, perhaps with a stream.
    std::function<boost::asio::awaitable<Response>()> later = {};
    // Instead of the body. The status and the headers are sent before it runs.
    std::function<boost::asio::awaitable<void>(Stream&)> stream = {};

    static Response json(const boost::json::value& value, int status = 200);
    static Response text(std::string_view body, int status = 200);
    // {"error": {"code": "not_found", "message": …, "details": […]}} with the status of its code, or
    // another. What may be tried again (503) says when.
    static Response error(const core::Error& error);
    static Response error(const core::Error& error, int status);
};

// Runs on the server's executor. What it throws becomes a 500 that says nothing of the inside.
using Handler = std::function<boost::asio::awaitable<Response>(const Request&)>;

}  // namespace singularity::http
