#include "services/nexus/job_store.hpp"

#include <boost/asio.hpp>

#include "messages/json_mapping.hpp"
#include "messages/request_id.hpp"
#include "messages/unknown_fields.hpp"

namespace singularity::services::nexus {

using boost::asio::awaitable;
using pgclient::Query;

namespace {

// Somebody waits for it, and is better told soon that it can't be done now.
constexpr std::chrono::seconds kToConnect{1};

constexpr Query kLook{"jobs.look",
                      "select state, to_jsonb(j)::text as body from api.jobs j where request_id = $1::text"};
constexpr Query kList{"jobs.list",
                      "select coalesce(jsonb_agg(to_jsonb(j) order by j.created_at desc), '[]')::text from"
                      " (select * from api.jobs order by created_at desc limit $1) j"};
constexpr Query kKnown{"jobs.known", "select api.known_requests(array[$1::text])"};
constexpr Query kDeadJob{
    "jobs.dead",
    "select jsonb_build_object('request_id', request_id, 'state', 'dead', 'error',"
    " jsonb_build_object('code', 'dead_letter', 'message',"
    " coalesce(reason, 'nobody said why')))::text from api.dead_requests(array[$1::text])"};
constexpr Query kResult{"jobs.result", "select api.job_result($1::text)::text"};
constexpr Query kWritten{
    "jobs.written", "select coalesce(api.job_result_bytes($1::text, $2::text, $3::bigint, $4::integer), '')"};
constexpr Query kSuggested{"jobs.suggested_limits",
                           "select jsonb_object_agg(s.limit_name, s.suggested)::text from api.jobs j"
                           " cross join lateral api.suggested_limits(j.language, j.code_sha256) s"
                           " where j.request_id = $1::text and j.kind = 'run'"};
constexpr Query kPieces{"jobs.pieces",
                        "select number, attempt, stream = 'stderr' as is_error, at_byte, bytes"
                        " from api.job_output($1::text, $2::bigint, 16)"};
constexpr Query kCancel{"jobs.cancel", "select api.cancel_job($1::text)"};

// Its schema's problems first: what does not even have the right types cannot be looked at.
std::optional<core::Error> refusal_of(const boost::json::object& body, const JobCheck& check) {
    const auto whole = messages::complete("job_requests", body, {});
    if (!whole) return whole.error();
    const auto request = messages::from_json<messages::JobRequest>(*whole);
    if (!request) return request.error();
    auto unknown = messages::unknown_fields(body, messages::to_json(*request));
    for (std::string& field : unknown) field += ": is no field of a job";
    if (!unknown.empty())
        return core::Error{core::ErrorCode::invalid_input, "the job has fields that nobody reads",
                           std::move(unknown)};
    return check(*request);
}

pgclient::PoolOptions impatient(pgclient::PoolOptions options) {
    options.acquire_timeout = kToConnect;
    options.connect.connect_timeout = kToConnect;
    return options;
}

}  // namespace

JobStore::JobStore(Service& service)
    : looking_(service.executor(), impatient(service.pool_options("genesis", "console"))),
      bus_(service.executor(), impatient(service.pool_options("shared_queue", "console"))),
      sending_(service.executor(), impatient(service.pool_options("shared_queue", "nexus"))),
      cancelling_(service.executor(), impatient(service.pool_options("genesis", "nexus"))),
      publisher_(sending_, service.config().shared_queue_enabled,
                 {.instance_id = service.config().instance_id}) {}

awaitable<std::optional<JobLook>> JobStore::look(std::string request_id) {
    const auto session = co_await looking_.acquire();
    co_return co_await session->maybe<JobLook>(kLook, request_id);
}

awaitable<std::string> JobStore::list(std::int32_t limit) {
    const auto session = co_await looking_.acquire();
    co_return co_await session->one<std::string>(kList, limit);
}

awaitable<bool> JobStore::is_on_its_way(std::string request_id) {
    const auto session = co_await bus_.acquire();
    co_return !(co_await session->rows<std::string>(kKnown, request_id)).empty();
}

awaitable<std::optional<std::string>> JobStore::dead(std::string request_id) {
    const auto session = co_await bus_.acquire();
    co_return co_await session->maybe<std::string>(kDeadJob, request_id);
}

awaitable<std::optional<std::string>> JobStore::result(std::string request_id) {
    const auto session = co_await looking_.acquire();
    co_return co_await session->one<std::optional<std::string>>(kResult, request_id);
}

awaitable<std::optional<std::string>> JobStore::suggested_limits(std::string request_id) {
    const auto session = co_await looking_.acquire();
    co_return co_await session->one<std::optional<std::string>>(kSuggested, request_id);
}

awaitable<std::string> JobStore::written(std::string request_id, bool is_error, std::int64_t from) {
    const auto session = co_await looking_.acquire();
    const auto bytes = co_await session->one<pgclient::Bytes>(
        kWritten, request_id, is_error ? "stderr" : "stdout", from, kMostBytes);
    co_return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

awaitable<std::vector<JobPiece>> JobStore::pieces(std::string request_id, std::int64_t after) {
    const auto session = co_await looking_.acquire();
    co_return co_await session->rows<JobPiece>(kPieces, request_id, after);
}

awaitable<core::Expected<std::string>> JobStore::send(boost::json::object body, const JobCheck& check) {
    if (auto empty = messages::empty_ids("job_requests", body); !empty.empty())
        co_return core::failure(core::ErrorCode::invalid_input, "the job's id is none", std::move(empty));
    std::string request_id = messages::request_id_of(body);
    if (request_id.empty()) {
        body["request_id"] = request_id = messages::new_request_id();
        if (!body.contains("enqueued_at")) body["enqueued_at"] = core::rfc3339(core::now());
    }
    if (auto wrong = refusal_of(body, check)) co_return std::unexpected(std::move(*wrong));
    const auto sent = co_await publisher_.publish("job_requests", std::move(body));
    if (!sent) co_return std::unexpected(sent.error());
    co_return request_id;
}

awaitable<bool> JobStore::cancel(std::string request_id) {
    const auto session = co_await cancelling_.acquire();
    co_return co_await session->one<std::string>(kCancel, request_id) == "cancelling";
}

}  // namespace singularity::services::nexus
