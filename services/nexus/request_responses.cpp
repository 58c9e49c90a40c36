#include "services/nexus/request_responses.hpp"

#include <boost/json.hpp>

#include "core/clock.hpp"
#include "core/format.hpp"

namespace singularity::services::nexus {

namespace json = boost::json;

namespace {

json::object error_of(std::string_view code, std::string_view message) {
    return {{"code", code}, {"message", message}, {"details", json::array()}};
}

http::Response answered(const Answer& answer) {
    http::Response response;
    response.content_type = "application/json";
    response.body = to_json(answer) + "\n";
    return response;
}

http::Response pending(const std::string& request_id) {
    http::Response response = http::Response::json({{"request_id", request_id}, {"state", "pending"}}, 202);
    response.headers["Retry-After"] = "1";
    return response;
}

http::Response expired(const std::string& request_id) {
    const std::string message = core::format("the answer to \"{}\" has expired", request_id);
    return http::Response::json({{"error", error_of("expired", message)}}, 410);
}

http::Response unknown(const std::string& request_id) {
    return http::Response::error(
        {core::ErrorCode::not_found, core::format("nothing is known of a request \"{}\"", request_id), {}});
}

}  // namespace

std::string to_json(const Answer& answer) {
    json::object object{{"request_id", answer.request_id}, {"state", "answered"}, {"queue", answer.queue}};
    if (answer.agent_id) object["agent_id"] = *answer.agent_id;
    object["arrived_at"] = core::rfc3339(answer.arrived_at);
    if (answer.taken_at) object["taken_at"] = core::rfc3339(*answer.taken_at);
    std::string text = json::serialize(object);
    text.pop_back();
    return text.append(",\"answer\":").append(answer.body).append("}");
}

json::object to_json(const Standing& dead) {
    json::object object{{"request_id", dead.request_id}, {"state", "dead"}};
    if (dead.queue) object["queue"] = *dead.queue;
    if (dead.attempts) object["attempts"] = *dead.attempts;
    if (dead.died_at) object["died_at"] = core::rfc3339(*dead.died_at);
    object["error"] = error_of("dead_letter", dead.reason.value_or("nobody said why"));
    return object;
}

http::Response response_of(const RequestWaiters::Waiter& waiter) {
    switch (waiter.state()) {
        case RequestState::answered: return answered(waiter.answer());
        case RequestState::pending: return pending(waiter.request_id());
        case RequestState::expired: return expired(waiter.request_id());
        case RequestState::dead: return http::Response::json(to_json(waiter.standing()));
        case RequestState::unknown: return unknown(waiter.request_id());
        default: return unavailable();
    }
}

http::Response refusal_to_take(const RequestWaiters::Waiter& waiter) {
    if (waiter.state() != RequestState::pending && waiter.state() != RequestState::dead)
        return response_of(waiter);
    const std::string message =
        core::format("request \"{}\" has no answer{}", waiter.request_id(),
                     waiter.state() == RequestState::dead ? " and is a dead letter" : " yet");
    return http::Response::json({{"error", error_of("not_answered", message)}}, 409);
}

http::Response unavailable() {
    return http::Response::error(
        {core::ErrorCode::not_running, "the answer can't be looked for now; /readyz says why", {}});
}

http::Response too_many_wait() {
    return http::Response::error(
        {core::ErrorCode::not_running, "too many wait for answers; ask again, or ask without waiting", {}});
}

}  // namespace singularity::services::nexus
