#include "services/genesis/job_store.hpp"

#include <boost/asio.hpp>

namespace singularity::services::genesis {

namespace {

using pgclient::Query;
using pgclient::Task;

constexpr Query kBegin{"jobs.begin",
                       "select state, attempt, lost, expired, cpu_ms from public.begin_job($1::text, "
                       "$2::text, $3::text, $4::text, $5::text,"
                       " $6::integer, $7::text, $8::text, $9::timestamptz, $10::text, $11::bigint, "
                       "$12::integer, $13::boolean, $14::text)"};
constexpr Query kStart{"jobs.start", "select public.start_run($1::text, $2::integer)"};
constexpr Query kGiveUp{"jobs.give_up",
                        "select public.give_up_run($1::text, $2::integer, $3::text, $4::text)"};
constexpr Query kShare{"jobs.share", "select public.share_run($1::text, $2::text)"};
constexpr Query kShow{
    "jobs.show", "select public.put_output($1::text, $2::integer, $3::text[], $4::bigint[], $5::bytea[])"};
constexpr Query kCancellations{"jobs.cancellations",
                               "select request_id from public.job_cancellations where settled_at is null "
                               "order by requested_at limit 1000"};
constexpr Query kCancelUnrun{
    "jobs.cancel_unrun",
    "select public.cancel_unrun_job($1::text, $2::text, $3::text, $4::text, $5::text, $6::integer, $7::text,"
    " $8::text, $9::timestamptz, $10::text, $11::jsonb)"};
constexpr Query kFindWaiting{
    "jobs.find_waiting",
    "select msg_id, message, enqueued_at from pgmq.q_job_requests"
    " where $1::text in (message ->> 'request_id', message ->> 'id') order by msg_id limit 1"};
constexpr Query kArchive{"jobs.archive", "select pgmq.archive('job_requests', $1::bigint)"};
constexpr Query kLive{"jobs.live",
                      "select pg_advisory_lock(hashtextextended('genesis ' || $1::text, 0)),"
                      " pg_advisory_lock_shared(hashtextextended('genesis', 0))"};
constexpr Query kAlone{"jobs.alone", "select pg_try_advisory_lock(hashtextextended('genesis', 0))"};
constexpr Query kNotAlone{"jobs.not_alone", "select pg_advisory_unlock(hashtextextended('genesis', 0))"};
// Who was killed while it waited for a message has left a session that waits on, and would claim for nobody
// what is released.
constexpr Query kEndReaders{"jobs.end_readers",
                            "select count(*) from pg_stat_activity a"
                            " cross join lateral pg_terminate_backend(a.pid, 5000)"
                            " where a.datname = current_database() and a.usename = current_user"
                            " and a.pid <> pg_backend_pid() and a.state = 'active'"
                            " and a.query like '%from pgmq.read%'"};
// What waits for another attempt is hidden for less.
constexpr Query kReleaseAll{"jobs.release_all",
                            "select count(s.msg_id) from pgmq.q_job_requests q"
                            " cross join lateral pgmq.set_vt('job_requests', q.msg_id, 0) s"
                            " where q.read_ct > 0 and q.vt > clock_timestamp() + interval '15 seconds'"};
constexpr Query kCheck{"jobs.check", "select 1"};
constexpr Query kAbandoned{
    "jobs.abandoned", "select request_id, attempt, msg_id, read_ct from public.abandoned_runs($1::text)"};
constexpr Query kRelease{
    "jobs.release",
    "select count(s.msg_id) from pgmq.q_job_requests q"
    " cross join lateral pgmq.set_vt('job_requests', q.msg_id, 0) s where q.msg_id = $1 and q.read_ct = $2"};
constexpr Query kReturnAll{"jobs.return_all", "select public.return_runs($1::text)"};
constexpr Query kPruneOutput{"jobs.prune_output", "select public.prune_output('5 minutes')"};

std::int32_t priority_of(const messages::JobRequest& request) {
    return static_cast<std::int32_t>(request.priority.value_or(0));
}

}  // namespace

Task<Begun> JobStore::begin(const messages::JobRequest& request, const JobIdentity& identity,
                            const Claim& claim, bool starts) {
    const auto own = co_await own_.acquire();
    co_return co_await own->one<Begun>(
        kBegin, request.request_id, request.instance_id.value_or(instance_id_), request.agent_id,
        request.language, kind_of(request), priority_of(request), identity.code_sha256, identity.input_sha256,
        claim.enqueued_at, service_, claim.msg_id, claim.read_ct, starts, request.expires_at);
}

Task<void> JobStore::start(const std::string& request_id, std::int32_t attempt) {
    const auto own = co_await own_.acquire();
    co_await own->exec(kStart, request_id, attempt);
}

Task<void> JobStore::give_up(const std::string& request_id, std::int32_t attempt, const std::string& state,
                             const std::optional<std::string>& problem) {
    const auto own = co_await own_.acquire();
    co_await own->exec(kGiveUp, request_id, attempt, state, problem);
}

Task<void> JobStore::share(const std::string& request_id, const std::string& with_request_id) {
    const auto own = co_await own_.acquire();
    co_await own->exec(kShare, request_id, with_request_id);
}

Task<void> JobStore::show(const std::string& request_id, std::int32_t attempt, const OutputPieces& output) {
    const auto own = co_await own_.acquire();
    co_await own->exec(kShow, request_id, attempt, output.streams, output.at_bytes, output.pieces);
}

Task<std::vector<std::string>> JobStore::cancellations() {
    const auto own = co_await own_.acquire();
    co_return co_await own->rows<std::string>(kCancellations);
}

Task<bool> JobStore::cancel_unrun(const messages::JobRequest& request, pgclient::Timestamp enqueued_at,
                                  const std::string& reply_queue, const boost::json::value& answer) {
    const JobIdentity identity = identity_of(request);
    const auto own = co_await own_.acquire();
    co_return co_await own->one<bool>(
        kCancelUnrun, request.request_id, request.instance_id.value_or(instance_id_), request.agent_id,
        request.language, kind_of(request), priority_of(request), identity.code_sha256, identity.input_sha256,
        enqueued_at, reply_queue, answer);
}

Task<std::optional<WaitingJob>> JobStore::find_waiting(const std::string& request_id) {
    const auto bus = co_await bus_.acquire();
    co_return co_await bus->maybe<WaitingJob>(kFindWaiting, request_id);
}

Task<void> JobStore::archive(std::int64_t msg_id) {
    const auto bus = co_await bus_.acquire();
    co_await bus->exec(kArchive, msg_id);
}

Task<void> JobStore::live(pgclient::Connection& session) const {
    co_await session.exec(kLive, service_);
}

Task<bool> JobStore::release_all_if_alone(pgclient::Connection& session) {
    if (!co_await session.one<bool>(kAlone)) co_return false;
    {
        const auto bus = co_await bus_.acquire();
        co_await bus->exec(kEndReaders);
        co_await bus->exec(kReleaseAll);
    }
    co_await session.exec(kNotAlone);
    co_return true;
}

Task<void> JobStore::check(pgclient::Connection& session) {
    co_await session.exec(kCheck);
}

Task<std::vector<AbandonedRun>> JobStore::abandoned() {
    const auto own = co_await own_.acquire();
    co_return co_await own->rows<AbandonedRun>(kAbandoned, service_);
}

// The message first: what dies in between does it again.
Task<void> JobStore::release(const AbandonedRun& run) {
    {
        const auto bus = co_await bus_.acquire();
        co_await bus->exec(kRelease, run.msg_id, run.read_ct);
    }
    co_await give_up(run.request_id, run.attempt, "lost", std::nullopt);
}

Task<void> JobStore::return_all() {
    const auto own = co_await own_.acquire();
    co_await own->exec(kReturnAll, service_);
}

Task<void> JobStore::prune_output() {
    const auto own = co_await own_.acquire();
    co_await own->exec(kPruneOutput);
}

}  // namespace singularity::services::genesis
