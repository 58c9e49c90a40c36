#include "services/nexus/requests.hpp"

#include <boost/asio.hpp>
#include <boost/json.hpp>

#include <algorithm>
#include <format>
#include <memory>
#include <utility>

#include "core/clock.hpp"
#include "http/event_stream.hpp"
#include "services/nexus/request_query.hpp"

namespace singularity::services::nexus {

using boost::asio::awaitable;
using Clock = std::chrono::steady_clock;
using Waiter = RequestWaiters::Waiter;

namespace {

// In one line, with the answer as the database wrote it.
std::string to_json(const Answer& answer) {
    boost::json::object object{
        {"request_id", answer.request_id}, {"state", "answered"}, {"queue", answer.queue}};
    if (answer.agent_id) object["agent_id"] = *answer.agent_id;
    object["arrived_at"] = core::rfc3339(answer.arrived_at);
    std::string text = boost::json::serialize(object);
    text.pop_back();
    return text.append(",\"answer\":").append(answer.body).append("}");
}

http::Response unavailable() {
    return http::Response::error(
        {core::ErrorCode::not_running, "the answer can't be looked for now; /readyz says why", {}});
}

http::Response too_many_wait() {
    return http::Response::error(
        {core::ErrorCode::not_running, "too many wait for answers; ask again, or ask without waiting", {}});
}

bool would_wait(const RequestQuery& query) {
    return query.events || query.wait.value_or(std::chrono::milliseconds{0}).count() > 0;
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

http::Response unknown(const std::string& request_id) {
    return http::Response::error(
        {core::ErrorCode::not_found, std::format("nothing is known of a request \"{}\"", request_id), {}});
}

// Comments until it is answered or time is up. An answer is the last event: its queue is the event's id.
awaitable<void> tell(Waiter& waiter, std::chrono::milliseconds heartbeat, Clock::time_point until,
                     http::Stream& out) {
    while (waiter.state() == RequestState::pending) {
        const auto next = Clock::now() + heartbeat;
        co_await waiter.while_state(RequestState::pending, std::min(next, until));
        if (Clock::now() >= until) break;
        if (waiter.state() == RequestState::pending) co_await out.write(http::kHeartbeat);
    }
    if (waiter.state() != RequestState::answered) co_return;
    const std::string data = to_json(waiter.answer());
    co_await out.write(http::to_text({.id = waiter.answer().queue, .name = "answer", .data = data}));
}

http::Response events(std::shared_ptr<Waiter> waiter, const RequestQuery& query, RequestsOptions options,
                      Clock::time_point until) {
    const bool had =
        waiter->state() == RequestState::answered && query.last_event_id == waiter->answer().queue;
    if (had) return http::end_of_events();
    return http::event_stream([waiter = std::move(waiter), options, until](http::Stream& out) {
        return tell(*waiter, options.heartbeat, until, out);
    });
}

awaitable<http::Response> answer(RequestWaiters& waiters, RequestQuery query, RequestsOptions options) {
    if (would_wait(query) && waiters.size() >= options.max_waiting) co_return too_many_wait();
    const auto begun = Clock::now();
    const auto waiter = std::make_shared<Waiter>(waiters, query.request_id);
    co_await waiter->while_state(RequestState::looked_for, Clock::time_point::max());
    if (query.events &&
        (waiter->state() == RequestState::pending || waiter->state() == RequestState::answered)) {
        const auto until = query.wait ? begun + *query.wait : Clock::time_point::max();
        co_return events(waiter, query, options, until);
    }
    co_await waiter->while_state(RequestState::pending,
                                 begun + query.wait.value_or(std::chrono::milliseconds{0}));
    switch (waiter->state()) {
        case RequestState::answered: co_return answered(waiter->answer());
        case RequestState::unknown: co_return unknown(query.request_id);
        case RequestState::pending: break;
        default: co_return unavailable();
    }
    co_return waiters.trouble().empty() ? pending(query.request_id) : unavailable();
}

}  // namespace

void add_requests(http::Router& router, RequestWaiters& waiters, RequestsOptions options) {
    router.add("GET", "/api/v1/requests/{id}",
               [&waiters, options](const http::Request& request) -> awaitable<http::Response> {
                   auto query = parse_request_query(request);
                   if (!query) co_return http::Response::error(query.error());
                   http::Response response;
                   response.later = [&waiters, options, query = std::move(*query)] {
                       return answer(waiters, query, options);
                   };
                   co_return response;
               });
}

}  // namespace singularity::services::nexus
