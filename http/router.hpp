// Method and path to handler. Paths are matched whole; GET routes answer HEAD too.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "http/message.hpp"

namespace singularity::http {

class Router {
public:
    void add(std::string method, std::string path, Handler handler);

    // Never fails: an unknown path is 404, a known one with another method 405 with its Allow header.
    boost::asio::awaitable<Response> answer(const Request& request) const;

private:
    std::map<std::string, std::map<std::string, Handler, std::less<>>, std::less<>> routes_;  // path, method
};

}  // namespace singularity::http
