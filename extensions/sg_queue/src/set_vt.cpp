// pgmq.set_vt: when messages become visible, in seconds from now or at a time.
#include "extensions/sg_queue/src/claim.hpp"
#include "extensions/sg_queue/src/fallback.hpp"
#include "extensions/sg_queue/src/message_ids.hpp"
#include "extensions/sg_queue/src/message_record.hpp"

namespace singularity::queue {

namespace {

constexpr Column kMoved[] = {Column::vt};
constexpr Rights kRights{.whole = ACL_SELECT, .some = ACL_UPDATE, .columns = kMoved};

Time due_from(const pg::FunctionCall& fn) {
    if (fn.is_null(2)) {
        throw pg::Failure(ERRCODE_NOT_NULL_VIOLATION, "vt must not be null");
    }
    const Datum vt = fn.info()->args[2].value;
    if (pg::call(get_fn_expr_argtype, fn.info()->flinfo, 2) != INT4OID) return DatumGetTimestampTz(vt);
    return GetCurrentTimestamp() + DatumGetInt32(vt) * USECS_PER_SEC;
}

bool move(const OpenQueue& queue, MessageId id, Time due, Row& row) {
    return change_located(queue, id, row, [&queue, due](Row& located) {
        const Datum value = TimestampTzGetDatum(due);
        return update_row(queue.relation(), queue.queue().waiting, located, 1, kMoved, &value, OnLock::wait);
    });
}

}  // namespace

SG_FUNCTION(sg_queue_set_vt) {
    begin_call("set_vt");
    const OpenQueue queue(fn.arg<std::string_view>(0), kRights);
    const std::vector<MessageId> ids = ids_from(fn);
    MessageRecords records(fn);
    if (ids.empty()) return fn.nothing();
    const Time due = due_from(fn);
    if (!queue.direct()) {
        const SqlArgument arguments[] = {{INT8ARRAYOID, pg::DatumOf<Ids>::to(ids, CurrentMemoryContext)},
                                         {TIMESTAMPTZOID, TimestampTzGetDatum(due)}};
        run_sql(queue, kSetVtSql, arguments, &fn);
        return fn.nothing();
    }
    for (const MessageId id : ids) {
        pg::check_interrupts();
        if (Row row; move(queue, id, due, row)) records.add(queue, row);
    }
    return fn.nothing();
}

}  // namespace singularity::queue
