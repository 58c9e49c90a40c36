#include "extensions/sg_queue/src/reading.hpp"

namespace singularity::queue {

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

Jsonb* conditional_from(const pg::FunctionCall& fn, int argument) {
    const auto conditional = fn.arg<std::optional<Jsonb*>>(argument);
    const bool any = !conditional || (JB_ROOT_IS_OBJECT(*conditional) && JB_ROOT_COUNT(*conditional) == 0);
    return any ? nullptr : *conditional;
}

Polling polling_from(const pg::FunctionCall& fn, int seconds, int milliseconds) {
    const auto interval = fn.arg<std::optional<std::int32_t>>(milliseconds);
    if (!interval || *interval < 0) {
        throw pg::Failure(ERRCODE_INVALID_PARAMETER_VALUE, "poll_interval_ms must not be null or negative");
    }
    const Time patience = fn.arg<std::optional<std::int32_t>>(seconds).value_or(0) * USECS_PER_SEC;
    return {.deadline = GetCurrentTimestamp() + patience, .interval = std::max(1, *interval) * Time{1000}};
}

void wait_for_more(Waiter* waiter, const Polling& polling) {
    Time until = polling.deadline;
    if (waiter == nullptr) until = std::min(until, GetCurrentTimestamp() + polling.interval);
    else if (waiter->ready_or_armed(until)) return;
    sleep_until(until);
}

}  // namespace singularity::queue
