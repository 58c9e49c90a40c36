// Method and path to handler. GET routes answer HEAD too.
//
// A segment of a route's path that stands in braces matches any one segment that is not empty, and hands it
// to the handler decoded: "/requests/{id}" takes "/requests/a%2Fb" with the parameter id = "a/b". All else is
// matched as it is written. Where two routes match, the one with the earlier literal segment has it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "http/message.hpp"

namespace singularity::http {

class Router {
public:
    void add(std::string method, std::string_view path, Handler handler);

    // Never fails: an unknown path is 404, a known one with another method 405 with its Allow header, a
    // parameter that is wrongly encoded 400. What fails, now or in `later`, is a 500, and a 503 where the
    // server is stopping.
    boost::asio::awaitable<Response> answer(Request request) const;

private:
    // The routes are a tree of segments.
    struct Node {
        std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
        std::unique_ptr<Node> any;  // below a segment in braces
        std::string name;           // of that segment
        std::map<std::string, Handler, std::less<>> methods;
    };

    static const Node* find(const Node& node, std::string_view rest, Parameters& parameters);

    Node root_;
};

}  // namespace singularity::http
