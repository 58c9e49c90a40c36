#include "http/router.hpp"

#include <format>

#include "core/log.hpp"

namespace singularity::http {

void Router::add(std::string method, std::string path, Handler handler) {
    routes_[std::move(path)][std::move(method)] = std::move(handler);
}

boost::asio::awaitable<Response> Router::answer(const Request& request) const {
    const auto methods = routes_.find(request.path);
    if (methods == routes_.end()) {
        co_return Response::error(
            {core::ErrorCode::not_found, std::format("there is no {}", request.path), {}});
    }
    const auto handler = methods->second.find(request.method == "HEAD" ? "GET" : request.method);
    if (handler == methods->second.end()) {
        std::string allowed;
        for (const auto& [method, ignored] : methods->second)
            allowed += (allowed.empty() ? "" : ", ") + method;
        Response response = Response::text(std::format("{} takes {}\n", request.path, allowed), 405);
        response.headers["Allow"] = allowed;
        co_return response;
    }
    try {
        co_return co_await handler->second(request);
    } catch (const std::exception& error) {
        core::log::error("http.handler_failed", {{"path", request.path}, {"reason", error.what()}});
    }
    co_return Response::error({core::ErrorCode::failed, "the request failed; the log says why", {}});
}

}  // namespace singularity::http
