#include "services/nexus/jobs.hpp"

#include <boost/asio.hpp>
#include <boost/json.hpp>

#include <algorithm>
#include <charconv>

#include "core/format.hpp"
#include "http/event_stream.hpp"
#include "messages/parsing.hpp"
#include "pgclient/error.hpp"
#include "services/nexus/job_stream.hpp"
#include "services/nexus/request_query.hpp"

namespace singularity::services::nexus {

using boost::asio::awaitable;
using core::ErrorCode;

namespace {

constexpr std::int32_t kUsuallyListed = 50, kMostListed = 500;

http::Response jobs_unavailable() {
    return http::Response::error({ErrorCode::not_running, "that can't be done now; /readyz says why", {}});
}

http::Response unknown_job(const std::string& request_id) {
    return http::Response::error(
        {ErrorCode::not_found, core::format("nothing is known of a job \"{}\"", request_id), {}});
}

http::Response json_text(std::string body, int status = 200) {
    http::Response response;
    response.status = status;
    response.content_type = "application/json";
    response.body = std::move(body) + "\n";
    return response;
}

http::Response state(const std::string& request_id, std::string_view state, int status) {
    return http::Response::json({{"request_id", request_id}, {"state", state}}, status);
}

// What a page of another site may have a browser send without asking is no JSON.
bool is_json(const http::Request& request) {
    const auto type = request.headers.find("content-type");
    return type != request.headers.end() && type->second.starts_with("application/json");
}

awaitable<http::Response> send(JobStore& store, const JobCheck& check, const http::Request& request) {
    if (!is_json(request)) {
        constexpr int kUnsupportedMediaType = 415;
        co_return http::Response::error(
            {ErrorCode::invalid_input, "a job is sent as Content-Type: application/json", {}},
            kUnsupportedMediaType);
    }
    auto body = messages::parse(request.body);
    if (!body) co_return http::Response::error(body.error());
    if (!body->is_object())
        co_return http::Response::error({ErrorCode::invalid_input, "a job is a JSON object", {}});
    const auto request_id = co_await store.send(std::move(body->get_object()), check);
    if (!request_id) co_return http::Response::error(request_id.error());
    http::Response response = state(*request_id, "queued", 202);
    response.headers["Location"] = "/api/v1/jobs/" + http::percent_encoded(*request_id);
    co_return response;
}

boost::json::value stored(const std::string& text) {
    return messages::parse(text).value();
}

awaitable<http::Response> show(JobStore& store, std::string request_id) {
    const auto job = co_await store.look(request_id);
    if (!job && !co_await store.is_on_its_way(request_id)) co_return unknown_job(request_id);
    if (!job) {
        if (const auto dead = co_await store.dead(request_id)) co_return json_text(*dead);
        co_return state(request_id, "queued", 200);
    }
    boost::json::value all = stored(job->body);
    if (const auto result = co_await store.result(request_id)) all.as_object()["result"] = stored(*result);
    if (const auto limits = co_await store.suggested_limits(request_id))
        all.as_object()["suggested_limits"] = stored(*limits);
    co_return json_text(boost::json::serialize(all));
}

awaitable<http::Response> list(JobStore& store, const http::Request& request) {
    const auto parameters = http::parse_query(request.query);
    if (!parameters) co_return http::Response::error(parameters.error());
    std::int32_t limit = kUsuallyListed;
    if (const auto given = parameters->find("limit"); given != parameters->end()) {
        const std::string& text = given->second;
        const auto read = std::from_chars(text.data(), text.data() + text.size(), limit);
        if (read.ec != std::errc{} || read.ptr != text.data() + text.size() || limit < 1 ||
            limit > kMostListed) {
            co_return http::Response::error(
                {ErrorCode::invalid_input,
                 core::format("limit: must be a whole number from 1 to {}", kMostListed),
                 {}});
        }
    }
    co_return json_text(co_await store.list(limit));
}

awaitable<http::Response> cancel(JobStore& store, std::string request_id) {
    const auto job = co_await store.look(request_id);
    if (!job && !co_await store.is_on_its_way(request_id)) co_return unknown_job(request_id);
    if (co_await store.cancel(request_id)) co_return state(request_id, "cancelling", 202);
    const auto ended = co_await store.look(request_id);
    co_return state(request_id, ended ? ended->state : "done", 200);
}

// Who does not read waits for nothing but the text that is to be sent next: it is all that is kept of him.
awaitable<std::optional<std::string>> next_pieces(JobStore& store, const std::string& request_id,
                                                  JobEvents& events) {
    const auto pieces = co_await store.pieces(request_id, events.place().number);
    if (pieces.empty()) co_return std::nullopt;
    std::string text;
    for (const JobPiece& piece : pieces) text += events.piece(piece);
    co_return text;
}

awaitable<std::string> next_part(JobStore& store, const std::string& request_id, bool is_error,
                                 JobEvents& events) {
    const std::string bytes = co_await store.written(request_id, is_error, events.bytes_of(is_error));
    co_return events.rest(is_error, bytes, bytes.size() < std::size_t{JobStore::kMostBytes});
}

// Pieces as they are shown, then what the answer has beyond them, and its end.
awaitable<void> tell(JobStore& store, JobWatchers& watchers, std::string request_id, JobPlace place,
                     JobsOptions options, http::Stream& out) {
    JobWatchers::Watcher watcher(watchers, request_id);
    JobEvents events(place);
    for (;;) {
        const auto job = co_await store.look(request_id);
        const bool has_ended = job && (job->state == "done" || job->state == "cancelled");
        while (const auto text = co_await next_pieces(store, request_id, events)) {
            if (!text->empty()) co_await out.write(*text);
        }
        if (has_ended) {
            for (const bool is_error : {false, true}) {
                for (std::string text;
                     !(text = co_await next_part(store, request_id, is_error, events)).empty();)
                    co_await out.write(text);
            }
            co_return co_await out.write(
                http::to_text({.id = "result", .name = "result", .data = job->body}));
        }
        // Nobody notifies of that: it is seen a heartbeat later.
        if (const auto dead = job ? std::nullopt : co_await store.dead(request_id))
            co_return co_await out.write(http::to_text({.id = "result", .name = "result", .data = *dead}));
        const auto begun = std::chrono::steady_clock::now();
        co_await watcher.wait(options.heartbeat);
        if (std::chrono::steady_clock::now() - begun >= options.heartbeat)
            co_await out.write(http::kHeartbeat);
    }
}

awaitable<http::Response> stream(JobStore& store, JobWatchers& watchers, RequestQuery query,
                                 JobsOptions options) {
    if (query.last_event_id == "result") co_return http::end_of_events();
    if (!co_await store.look(query.request_id) && !co_await store.is_on_its_way(query.request_id))
        co_return unknown_job(query.request_id);
    const JobPlace place = JobPlace::parse(query.last_event_id);
    co_return http::event_stream([&store, &watchers, query, place, options](http::Stream& out) {
        return tell(store, watchers, query.request_id, place, options, out);
    });
}

using Answering = std::function<awaitable<http::Response>(const http::Request&)>;

// A database that is away is a 503.
http::Handler answering(Answering answer) {
    return [answer = std::move(answer)](const http::Request& request) -> awaitable<http::Response> {
        try {
            co_return co_await answer(request);
        } catch (const pgclient::DbError& error) {
            if (error.cause() == pgclient::Cause::cancelled) throw;
        }
        co_return jobs_unavailable();
    };
}

using AnsweringOne = std::function<awaitable<http::Response>(RequestQuery)>;

http::Handler about_one(AnsweringOne answer) {
    return answering([answer = std::move(answer)](const http::Request& request) -> awaitable<http::Response> {
        auto query = parse_request_query(request);
        if (!query) co_return http::Response::error(query.error());
        co_return co_await answer(std::move(*query));
    });
}

}  // namespace

void add_jobs(http::Router& router, JobStore& store, JobWatchers& watchers, JobCheck check,
              JobsOptions options) {
    router.add("POST", "/api/v1/jobs",
               answering([&store, check = std::move(check)](const http::Request& request) {
                   return send(store, check, request);
               }));
    router.add("GET", "/api/v1/jobs",
               answering([&store](const http::Request& request) { return list(store, request); }));
    router.add("GET", "/api/v1/jobs/{id}",
               about_one([&store](RequestQuery query) { return show(store, query.request_id); }));
    const http::Handler cancelling =
        about_one([&store](RequestQuery query) { return cancel(store, query.request_id); });
    router.add("DELETE", "/api/v1/jobs/{id}", cancelling);
    router.add("POST", "/api/v1/jobs/{id}/cancel", cancelling);
    router.add("GET", "/api/v1/jobs/{id}/stream", about_one([&store, &watchers, options](RequestQuery query) {
                   return stream(store, watchers, std::move(query), options);
               }));
}

}  // namespace singularity::services::nexus
