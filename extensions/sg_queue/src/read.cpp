// pgmq.read, read_with_poll and pop.
#include "extensions/sg_queue/src/claim.hpp"
#include "extensions/sg_queue/src/reading.hpp"

namespace singularity::queue {

namespace {

constexpr Rights kPopRights{.whole = ACL_SELECT | ACL_DELETE};

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

Reading read_once(const OpenQueue& queue, const Wanted& wanted, MessageRecords& records,
                  const pg::FunctionCall& fn) {
    const bool unlisted = wanted.conditional != nullptr && has_marked_due(queue.shared());
    if (!queue.direct() && queue.shared().rules.paused) return {0, false};
    if (!queue.direct() || unlisted) return {read_by_sql(queue, wanted, fn), false};
    std::vector<Row> rows;
    const bool missed = claim_due(queue, wanted, rows);
    for (const Row& row : rows) records.add(queue, row);
    return {rows.size(), !missed};
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
    const Wanted wanted = wanted_from(fn, 5);
    const Polling polling = polling_from(fn, 3, 4);
    MessageRecords records(fn);
    read_until_found("read_with_poll", fn.arg<std::string_view>(0), polling,
                     [&](const OpenQueue& queue) { return read_once(queue, wanted, records, fn); });
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
    } else if (!queue.shared().rules.paused) {
        const SqlArgument arguments[] = {sql_limit(wanted.limit)};
        run_sql(queue, kPopSql, arguments, &fn);
    }
    return fn.nothing();
}

}  // namespace singularity::queue
