#include "services/nexus/store.hpp"

#include <boost/asio.hpp>

#include "core/format.hpp"
#include "pgclient/error.hpp"
#include "schema/names.hpp"

namespace singularity::services::nexus {

namespace asio = boost::asio;
using asio::awaitable;

namespace {

constexpr auto kBetweenChecks = std::chrono::seconds(2);
constexpr auto kCheckDeadline = std::chrono::seconds(2);

constexpr pgclient::Query kAlive{"console.alive", "select 1"};
constexpr pgclient::Query kQueues{
    "console.queues",
    "select queue_name::text as queue, queue_length::bigint as waiting, queue_visible_length::bigint as "
    "visible,"
    " total_messages::bigint as total, oldest_msg_age_sec::bigint as oldest_seconds"
    " from api.queues order by queue_name"};
constexpr pgclient::Query kApproved{"console.approved_patterns",
                                    "select name, ecosystem, confidence, files::bigint, description"
                                    " from api.patterns order by confidence desc, name, ecosystem limit 200"};
constexpr pgclient::Query kApprovedCount{"console.approved_count", "select count(*) from api.patterns"};
constexpr pgclient::Query kCandidates{
    "console.candidates",
    "select status, count(*) as patterns from api.candidates group by status order by status"};
constexpr pgclient::Query kDeadLetters{"console.dead_letters",
                                       "select coalesce(queue_name, 'dead_letters') as queue, letters from "
                                       "api.dead_letters_by_queue order by 1"};
constexpr pgclient::Query kAlarms{
    "console.alarms",
    "select name as alarm, queue_name as queue, measure, value::double precision"
    " from api.alarms order by name, queue_name"};
constexpr pgclient::Query kLatencies{
    "console.latencies",
    "select queue_name as queue, bucket as bound, messages_within, seconds_sum"
    " from api.latency_histogram order by queue_name, bucket"};
constexpr pgclient::Query kSlots{
    "console.slots",
    "select slot, active, coalesce(lag_bytes, 0)::bigint as lag_bytes,"
    " coalesce(retained_bytes, 0)::bigint as retained_bytes from api.replication order by slot"};

}  // namespace

Store::Store(Service& service) : service_(service), timer_(service.executor()) {
    for (const std::string_view part : schema::parts()) {
        pgclient::PoolOptions options = service.pool_options(part, "console");
        options.acquire_timeout = kCheckDeadline;
        pools_.try_emplace(std::string(part), service.executor(), std::move(options));
    }
}

awaitable<void> Store::check() {
    for (auto& [part, pool] : pools_) {
        const std::string name = core::format("database {}", part);
        std::string reason;
        try {
            const auto lease = co_await pool.acquire();
            co_await lease->within(kCheckDeadline).exec(kAlive);
        } catch (const pgclient::DbError& error) {
            if (error.cause() == pgclient::Cause::cancelled) throw;
            reason = error.what();
        }
        if (reason.empty()) service_.health().well(name);
        else service_.health().amiss(name, reason);
    }
    timer_.expires_after(kBetweenChecks);
    co_await timer_.async_wait(asio::use_awaitable);
}

awaitable<std::vector<QueueRow>> Store::queues() {
    const auto lease = co_await database("shared_queue").acquire();
    co_return co_await lease->rows<QueueRow>(kQueues);
}

awaitable<std::vector<PatternRow>> Store::approved_patterns() {
    const auto lease = co_await database("singularity").acquire();
    co_return co_await lease->rows<PatternRow>(kApproved);
}

awaitable<std::int64_t> Store::approved_count() {
    const auto lease = co_await database("singularity").acquire();
    co_return co_await lease->one<std::int64_t>(kApprovedCount);
}

awaitable<std::vector<CandidateCount>> Store::candidates() {
    const auto lease = co_await database("centralcloud").acquire();
    co_return co_await lease->rows<CandidateCount>(kCandidates);
}

awaitable<std::vector<DeadLetterCount>> Store::dead_letters() {
    const auto lease = co_await database("shared_queue").acquire();
    co_return co_await lease->rows<DeadLetterCount>(kDeadLetters);
}

awaitable<std::vector<AlarmRow>> Store::alarms() {
    const auto lease = co_await database("shared_queue").acquire();
    co_return co_await lease->rows<AlarmRow>(kAlarms);
}

awaitable<std::vector<LatencyBucket>> Store::latencies() {
    const auto lease = co_await database("shared_queue").acquire();
    co_return co_await lease->rows<LatencyBucket>(kLatencies);
}

awaitable<std::vector<SlotRow>> Store::slots() {
    const auto lease = co_await database("centralcloud").acquire();
    co_return co_await lease->rows<SlotRow>(kSlots);
}

}  // namespace singularity::services::nexus
