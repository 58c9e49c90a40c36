// pgmq.read, read_with_poll and pop.
#include "extensions/sg_queue/src/claim.hpp"
#include "extensions/sg_queue/src/fallback.hpp"
#include "extensions/sg_queue/src/message_record.hpp"
#include "extensions/sg_queue/src/waiters.hpp"

namespace singularity::queue {

namespace {

constexpr Column kClaimed[] = {Column::vt, Column::read_ct, Column::last_read_at};
constexpr Rights kReadRights{.whole = ACL_SELECT, .some = ACL_UPDATE, .columns = kClaimed};
constexpr Rights kPopRights{.whole = ACL_SELECT | ACL_DELETE};

// SQL's LIMIT: null is all, negative refused.
std::uint64_t limit_from(const pg::FunctionCall& fn, int argument) {
    const auto limit = fn.arg<std::optional<std::int32_t>>(argument);
    if (!limit) return UINT64_MAX;
    if (*limit >= 0) return static_cast<std::uint64_t>(*limit);
    throw pg::Failure(ERRCODE_INVALID_ROW_COUNT_IN_LIMIT_CLAUSE, "qty must not be negative");
}

SqlArgument sql_limit(std::uint64_t limit) {
    if (limit == UINT64_MAX) return {INT8OID, std::nullopt};
    return {INT8OID, Int64GetDatum(static_cast<std::int64_t>(limit))};
}

std::int64_t seconds_from(const pg::FunctionCall& fn, int argument) {
    if (const auto seconds = fn.arg<std::optional<std::int32_t>>(argument)) return *seconds;
    throw pg::Failure(ERRCODE_NOT_NULL_VIOLATION, "vt must not be null");
}

// Microseconds between two looks where no wake would come.
Time interval_from(const pg::FunctionCall& fn, int argument) {
    const auto milliseconds = fn.arg<std::optional<std::int32_t>>(argument);
    if (milliseconds && *milliseconds >= 0) return std::max(1, *milliseconds) * Time{1000};
    throw pg::Failure(ERRCODE_INVALID_PARAMETER_VALUE, "poll_interval_ms must not be null or negative");
}

// Null where every message fits.
Jsonb* conditional_from(const pg::FunctionCall& fn, int argument) {
    const auto conditional = fn.arg<std::optional<Jsonb*>>(argument);
    const bool any = !conditional || (JB_ROOT_IS_OBJECT(*conditional) && JB_ROOT_COUNT(*conditional) == 0);
    return any ? nullptr : *conditional;
}

Wanted wanted_from(const pg::FunctionCall& fn, int conditional) {
    return {.limit = limit_from(fn, 2),
            .hide_seconds = seconds_from(fn, 1),
            .conditional = conditional_from(fn, conditional)};
}

std::uint64_t read_by_sql(const OpenQueue& queue, const Wanted& wanted, const pg::FunctionCall& fn) {
    Jsonb* conditional = wanted.conditional;
    const Datum any = conditional
                          ? JsonbPGetDatum(conditional)
                          : pg::call([] { return DirectFunctionCall1(jsonb_in, CStringGetDatum("{}")); });
    const SqlArgument arguments[] = {sql_limit(wanted.limit),
                                     {FLOAT8OID, Float8GetDatum(static_cast<double>(*wanted.hide_seconds))},
                                     {JSONBOID, any}};
    return run_sql(queue, kReadSql, arguments, &fn);
}

// How a read went: what it found, and whether waiting for a wake is enough to hear of more.
struct Reading {
    std::uint64_t found = 0;
    bool wakes = true;
};

Reading read_once(const OpenQueue& queue, const Wanted& wanted, MessageRecords& records,
                  const pg::FunctionCall& fn) {
    const bool unlisted = wanted.conditional != nullptr && has_marked_due(queue.shared());
    if (!queue.direct() || unlisted) return {read_by_sql(queue, wanted, fn), false};
    std::vector<Row> rows;
    const bool missed = claim_due(queue, wanted, rows);
    for (const Row& row : rows) records.add(queue, row);
    return {rows.size(), !missed};
}

// Waits for a wake where that is enough, else for `interval`, and in no case past the deadline.
void wait_for_more(Waiter* waiter, Time deadline, Time interval) {
    Time until = deadline;
    if (waiter == nullptr) until = std::min(deadline, GetCurrentTimestamp() + interval);
    else if (waiter->ready_or_armed(until)) return;
    sleep_until(until);
}

}  // namespace

SG_FUNCTION(sg_queue_read) {
    begin_call("read");
    const Wanted wanted = wanted_from(fn, 3);
    const OpenQueue queue(fn.arg<std::string_view>(0), kReadRights);
    MessageRecords records(fn);
    read_once(queue, wanted, records, fn);
    return fn.nothing();
}

SG_FUNCTION(sg_queue_read_with_poll) {
    begin_call("read_with_poll");
    const Wanted wanted = wanted_from(fn, 5);
    const Time deadline =
        GetCurrentTimestamp() + fn.arg<std::optional<std::int32_t>>(3).value_or(0) * USECS_PER_SEC;
    const Time interval = interval_from(fn, 4);
    const auto name = fn.arg<std::string_view>(0);
    MessageRecords records(fn);
    std::optional<Waiter> waiter;
    for (;;) {
        const OpenQueue queue(name, kReadRights);
        const Reading reading = read_once(queue, wanted, records, fn);
        if (reading.found > 0 || wanted.limit == 0 || GetCurrentTimestamp() >= deadline) break;
        if (reading.wakes && !waiter) waiter.emplace(queue.shared());
        wait_for_more(reading.wakes ? &*waiter : nullptr, deadline, interval);
        begin_call("read_with_poll");
    }
    return fn.nothing();
}

SG_FUNCTION(sg_queue_pop) {
    begin_call("pop");
    const Wanted wanted{.limit = limit_from(fn, 1), .hide_seconds = std::nullopt};
    const OpenQueue queue(fn.arg<std::string_view>(0), kPopRights);
    MessageRecords records(fn);
    if (queue.direct()) {
        std::vector<Row> rows;
        claim_due(queue, wanted, rows);
        for (const Row& row : rows) records.add(queue, row);
    } else {
        const SqlArgument arguments[] = {sql_limit(wanted.limit)};
        run_sql(queue, kPopSql, arguments, &fn);
    }
    return fn.nothing();
}

}  // namespace singularity::queue
