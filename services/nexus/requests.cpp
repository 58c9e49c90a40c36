#include "services/nexus/requests.hpp"

#include <boost/asio.hpp>
#include <boost/json.hpp>

#include <algorithm>
#include <memory>
#include <utility>

#include "core/log.hpp"
#include "http/event_stream.hpp"
#include "pgclient/error.hpp"
#include "services/nexus/request_query.hpp"
#include "services/nexus/request_responses.hpp"

namespace singularity::services::nexus {

using boost::asio::awaitable;
using Clock = std::chrono::steady_clock;
using Waiter = RequestWaiters::Waiter;

namespace {

constexpr std::string_view kDeadEvent = "dead";

bool would_wait(const RequestQuery& query) {
    return query.events || query.wait.value_or(std::chrono::milliseconds{0}).count() > 0;
}

bool has_ended(const Waiter& waiter) {
    return waiter.state() == RequestState::answered || waiter.state() == RequestState::dead;
}

// How it ended: the last event of a stream. The id of an answer is its queue.
std::string event_of(const Waiter& waiter) {
    if (waiter.state() == RequestState::dead) {
        const std::string data = boost::json::serialize(to_json(waiter.standing()));
        return http::to_text({.id = kDeadEvent, .name = kDeadEvent, .data = data});
    }
    const std::string data = to_json(waiter.answer());
    return http::to_text({.id = waiter.answer().queue, .name = "answer", .data = data});
}

// Comments until it has ended or time is up.
awaitable<void> tell(Waiter& waiter, std::chrono::milliseconds heartbeat, Clock::time_point until,
                     http::Stream& out) {
    while (waiter.state() == RequestState::pending) {
        const auto next = Clock::now() + heartbeat;
        co_await waiter.while_state(RequestState::pending, std::min(next, until));
        if (Clock::now() >= until) break;
        if (waiter.state() == RequestState::pending) co_await out.write(http::kHeartbeat);
    }
    if (has_ended(waiter)) co_await out.write(event_of(waiter));
}

bool had(const Waiter& waiter, const std::string& last_event_id) {
    if (waiter.state() == RequestState::dead) return last_event_id == kDeadEvent;
    return waiter.state() == RequestState::answered && last_event_id == waiter.answer().queue;
}

http::Response events(std::shared_ptr<Waiter> waiter, const RequestQuery& query, RequestsOptions options,
                      Clock::time_point until) {
    if (had(*waiter, query.last_event_id)) return http::end_of_events();
    return http::event_stream([waiter = std::move(waiter), options, until](http::Stream& out) {
        return tell(*waiter, options.heartbeat, until, out);
    });
}

awaitable<http::Response> answer(RequestWaiters& waiters, RequestQuery query, RequestsOptions options) {
    if (would_wait(query) && waiters.size() >= options.max_waiting) co_return too_many_wait();
    const auto begun = Clock::now();
    const auto waiter = std::make_shared<Waiter>(waiters, query.request_id);
    co_await waiter->while_state(RequestState::looked_for, Clock::time_point::max());
    if (query.events && (waiter->state() == RequestState::pending || has_ended(*waiter))) {
        const auto until = query.wait ? begun + *query.wait : Clock::time_point::max();
        co_return events(waiter, query, options, until);
    }
    co_await waiter->while_state(RequestState::pending,
                                 begun + query.wait.value_or(std::chrono::milliseconds{0}));
    if (waiter->state() != RequestState::pending) co_return response_of(*waiter);
    const auto stop = co_await boost::asio::this_coro::cancellation_state;
    if (stop.cancelled() != boost::asio::cancellation_type::none)
        throw boost::system::system_error(boost::asio::error::operation_aborted);
    co_return waiters.trouble().empty() ? response_of(*waiter) : unavailable();
}

// Where there is nothing to take, it is told how things are.
awaitable<http::Response> take(RequestWaiters& waiters, RequestStore& store, std::string request_id) {
    try {
        if (co_await store.take(request_id)) co_return http::Response{.status = 204};
    } catch (const pgclient::DbError& error) {
        if (error.cause() == pgclient::Cause::cancelled) throw;
        core::log::warn("requests.not_taken", {{"reason", error.what()}});
        co_return unavailable();
    }
    Waiter waiter(waiters, request_id);
    co_await waiter.while_state(RequestState::looked_for, Clock::time_point::max());
    co_return waiter.state() == RequestState::answered ? unavailable() : refusal_to_take(waiter);
}

}  // namespace

void add_requests(http::Router& router, RequestWaiters& waiters, RequestStore& store,
                  RequestsOptions options) {
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
    // No page of somebody else's can have a browser send this: PUT is asked for first, and never allowed.
    router.add("PUT", "/api/v1/requests/{id}/taken",
               [&waiters, &store](const http::Request& request) -> awaitable<http::Response> {
                   auto query = parse_request_query(request);
                   if (!query) co_return http::Response::error(query.error());
                   http::Response response;
                   response.later = [&waiters, &store, id = std::move(query->request_id)] {
                       return take(waiters, store, id);
                   };
                   co_return response;
               });
}

}  // namespace singularity::services::nexus
