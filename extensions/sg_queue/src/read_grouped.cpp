// pgmq.read_grouped, read_grouped_rr and read_grouped_head, with and without polling.
#include "extensions/sg_queue/src/claim.hpp"
#include "extensions/sg_queue/src/reading.hpp"
#include "pgbackend/format.hpp"

namespace singularity::queue {

namespace {

// By SQL, for queues that are served so and for transactions that do not see, or have changed, what others
// do.
std::uint64_t read_by_sql(const OpenQueue& queue, const Wanted& wanted, GroupOrder order,
                          const pg::FunctionCall& fn) {
    constexpr std::string_view kFill = "null, 'run.head, run.nth'", kLayers = "null, 'run.nth, run.head'",
                               kHeads = "1, 'run.head'";
    const std::string_view how = order == GroupOrder::fill     ? kFill
                                 : order == GroupOrder::layers ? kLayers
                                                               : kHeads;
    const auto limit = wanted.limit == UINT64_MAX
                           ? std::nullopt
                           : std::optional(Int32GetDatum(static_cast<int>(wanted.limit)));
    const SqlArgument arguments[] = {
        {TEXTOID, fn.info()->args[0].value}, {INT4OID, fn.info()->args[1].value}, {INT4OID, limit}};
    return run_sql(queue, pg::format("select * from pgmq._read_groups($1, $2, $3, {})", how), arguments, &fn);
}

// The index tells what is in flight: a bounded queue is read by it, though what the transaction itself has
// changed closes its group until the end.
bool served_by_index(const OpenQueue& queue) {
    if (!queue.direct()) return false;
    const bool alone = !IsolationUsesXactSnapshot() && touched(queue.shared()) == nullptr;
    return alone || queue.shared().rules.bounded();
}

Reading read_groups(const OpenQueue& queue, const Wanted& wanted, GroupOrder order, MessageRecords& records,
                    const pg::FunctionCall& fn) {
    if (!served_by_index(queue)) {
        if (queue.shared().rules.paused) return {0, false};
        return {read_by_sql(queue, wanted, order, fn), false};
    }
    std::vector<Row> rows;
    claim_grouped(queue, wanted, order, rows);
    for (const Row& row : rows) records.add(queue, row);
    // What is ready but behind a closed group becomes readable without a wake.
    return {rows.size(), !has_ready(queue.shared())};
}

Wanted wanted_from(const pg::FunctionCall& fn) {
    return {.limit = limit_from(fn, 2), .hide_seconds = seconds_from(fn, 1)};
}

Datum read_now(const char* name, pg::FunctionCall& fn, GroupOrder order) {
    begin_call(name);
    const Wanted wanted = wanted_from(fn);
    const OpenQueue queue(fn.arg<std::string_view>(0), kReadRights);
    MessageRecords records(fn);
    read_groups(queue, wanted, order, records, fn);
    return fn.nothing();
}

Datum poll(const char* name, pg::FunctionCall& fn, GroupOrder order) {
    const Wanted wanted = wanted_from(fn);
    const Polling polling = polling_from(fn, 3, 4);
    MessageRecords records(fn);
    read_until_found(name, fn.arg<std::string_view>(0), polling,
                     [&](const OpenQueue& queue) { return read_groups(queue, wanted, order, records, fn); });
    return fn.nothing();
}

}  // namespace

SG_FUNCTION(sg_queue_read_grouped) {
    return read_now("read_grouped", fn, GroupOrder::fill);
}
SG_FUNCTION(sg_queue_read_grouped_rr) {
    return read_now("read_grouped_rr", fn, GroupOrder::layers);
}
SG_FUNCTION(sg_queue_read_grouped_head) {
    return read_now("read_grouped_head", fn, GroupOrder::heads);
}
SG_FUNCTION(sg_queue_poll_grouped) {
    return poll("read_grouped_with_poll", fn, GroupOrder::fill);
}
SG_FUNCTION(sg_queue_poll_grouped_rr) {
    return poll("read_grouped_rr_with_poll", fn, GroupOrder::layers);
}
SG_FUNCTION(sg_queue_poll_grouped_head) {
    return poll("read_grouped_head_with_poll", fn, GroupOrder::heads);
}

}  // namespace singularity::queue
