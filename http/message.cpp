#include "http/message.hpp"

#include <boost/json/serialize.hpp>

namespace singularity::http {

namespace {

std::string_view name_of(core::ErrorCode code) {
    switch (code) {
        case core::ErrorCode::failed: return "failed";
        case core::ErrorCode::invalid_input: return "invalid_input";
        case core::ErrorCode::not_running: return "unavailable";
        case core::ErrorCode::not_found: return "not_found";
        case core::ErrorCode::refused: return "refused";
        case core::ErrorCode::timeout: return "timeout";
    }
    return "failed";
}

}  // namespace

Response Response::json(const boost::json::value& value, int status) {
    return {
        .status = status, .content_type = "application/json", .body = boost::json::serialize(value) + "\n"};
}

Response Response::text(std::string_view body, int status) {
    Response response;
    response.status = status;
    response.body = body;
    return response;
}

Response Response::error(const core::Error& error) {
    return Response::error(error, core::http_status(error.code));
}

Response Response::error(const core::Error& error, int status) {
    boost::json::array details(error.details.begin(), error.details.end());
    Response response =
        json({{"error", {{"code", name_of(error.code)}, {"message", error.message}, {"details", details}}}},
             status);
    if (response.status == 503) response.headers["Retry-After"] = "1";
    return response;
}

}  // namespace singularity::http
