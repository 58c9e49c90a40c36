#include "http/router.hpp"

#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <stdexcept>
#include <utility>

#include "core/format.hpp"
#include "core/log.hpp"

namespace singularity::http {

namespace asio = boost::asio;

namespace {

// The first segment of a path without its leading '/', and whether another follows.
struct Segment {
    std::string_view text, rest;
    bool last;
};

Segment first_segment(std::string_view path) {
    const auto slash = path.find('/');
    if (slash == path.npos) return {path, {}, true};
    return {path.substr(0, slash), path.substr(slash + 1), false};
}

Response no_such_path(std::string_view path) {
    return Response::error({core::ErrorCode::not_found, core::format("there is no {}", path), {}});
}

Response other_method(std::string_view path, const std::map<std::string, Handler, std::less<>>& methods) {
    std::string allowed;
    for (const auto& [method, ignored] : methods) allowed += (allowed.empty() ? "" : ", ") + method;
    constexpr int kMethodNotAllowed = 405;
    Response response = Response::error(
        {core::ErrorCode::invalid_input, core::format("{} takes {}", path, allowed), {}}, kMethodNotAllowed);
    response.headers["Allow"] = allowed;
    return response;
}

// A client that goes is no failure; anything else that ends a stream early is.
asio::awaitable<void> logged(std::string path, asio::awaitable<void> streaming) {
    std::string reason;
    try {
        co_await std::move(streaming);
        co_return;
    } catch (const boost::system::system_error&) {
        throw;
    } catch (const std::exception& error) {
        reason = error.what();
    }
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() == asio::cancellation_type::none) {
        core::log::error("http.stream_failed", {{"path", path}, {"reason", reason}});
    }
    throw std::runtime_error(reason);
}

// What the work answers, or why there is no answer.
asio::awaitable<Response> guarded(std::string path, asio::awaitable<Response> work) {
    std::string reason;
    try {
        Response response = co_await std::move(work);
        if (response.stream) {
            response.stream = [stream = std::move(response.stream), path](Stream& out) {
                return logged(path, stream(out));
            };
        }
        co_return response;
    } catch (const std::exception& error) {
        reason = error.what();
    }
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) {
        co_return Response::error({core::ErrorCode::not_running, "the server is stopping; try again", {}});
    }
    core::log::error("http.handler_failed", {{"path", path}, {"reason", reason}});
    co_return Response::error({core::ErrorCode::failed, "the request failed; the log says why", {}});
}

}  // namespace

void Router::add(std::string method, std::string_view path, Handler handler) {
    if (!path.starts_with('/')) throw std::invalid_argument(core::format("a route's path: \"{}\"", path));
    Node* node = &root_;
    for (Segment segment{{}, path.substr(1), false}; !segment.last;) {
        segment = first_segment(segment.rest);
        const bool braces = segment.text.starts_with('{') && segment.text.ends_with('}');
        std::unique_ptr<Node>& next = braces ? node->any : node->literals[std::string(segment.text)];
        if (!next) next = std::make_unique<Node>();
        if (braces) node->name = segment.text.substr(1, segment.text.size() - 2);
        node = next.get();
    }
    node->methods[std::move(method)] = std::move(handler);
}

const Router::Node* Router::find(const Node& node, std::string_view rest, Parameters& parameters) {
    const Segment segment = first_segment(rest);
    const auto below = [&](const Node& next) -> const Node* {
        if (!segment.last) return find(next, segment.rest, parameters);
        return next.methods.empty() ? nullptr : &next;
    };
    if (const auto literal = node.literals.find(segment.text); literal != node.literals.end()) {
        if (const Node* found = below(*literal->second)) return found;
    }
    if (!node.any || segment.text.empty()) return nullptr;
    const Node* found = below(*node.any);
    if (found) parameters[node.name] = segment.text;
    return found;
}

asio::awaitable<Response> Router::answer(Request request) const {
    const std::string_view path = request.path;
    const Node* node = path.starts_with('/') ? find(root_, path.substr(1), request.parameters) : nullptr;
    if (!node) co_return no_such_path(path);
    const auto handler = node->methods.find(request.method == "HEAD" ? "GET" : request.method);
    if (handler == node->methods.end()) co_return other_method(path, node->methods);
    for (auto& [name, value] : request.parameters) {
        auto decoded = percent_decoded(value);
        if (!decoded) co_return Response::error(decoded.error());
        value = std::move(*decoded);
    }
    Response response = co_await guarded(request.path, handler->second(request));
    if (response.later) {
        response.later = [later = std::move(response.later), path = request.path] {
            return guarded(path, later());
        };
    }
    co_return response;
}

}  // namespace singularity::http
