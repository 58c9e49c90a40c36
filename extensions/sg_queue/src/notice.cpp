// The trigger on every queue's table, through which the engine hears of what other programs' SQL does to it.
#include "extensions/sg_queue/src/rows.hpp"
#include "extensions/sg_queue/src/transaction.hpp"

namespace singularity::queue {

namespace {

struct Event {
    Relation relation;
    HeapTuple old_row, new_row;  // null where there is none
};

Event event_of(const pg::FunctionCall& fn) {
    if (!CALLED_AS_TRIGGER(fn.info())) {
        throw pg::Failure(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED, "queue._notice() is a trigger function");
    }
    const auto* data = reinterpret_cast<const TriggerData*>(fn.info()->context);
    const TriggerEvent event = data->tg_event;
    if (!TRIGGER_FIRED_FOR_ROW(event) || !TRIGGER_FIRED_AFTER(event)) {
        throw pg::Failure(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED, "queue._notice() fires after each row");
    }
    if (TRIGGER_FIRED_BY_INSERT(event)) return {data->tg_relation, nullptr, data->tg_trigtuple};
    if (TRIGGER_FIRED_BY_DELETE(event)) return {data->tg_relation, data->tg_trigtuple, nullptr};
    return {data->tg_relation, data->tg_trigtuple, data->tg_newtuple};
}

struct Known {
    MessageId id;
    Version version;
    Standing standing;
};

Known known(Relation relation, const TableShape& shape, HeapTuple row, bool grouped) {
    return pg::call([relation, &shape, row, grouped] {
        return Known{id_of(relation, shape, row), version_of(relation, shape, row),
                     standing_of(relation, shape, row, grouped)};
    });
}

}  // namespace

SG_FUNCTION(sg_queue_notice) {
    const Event event = event_of(fn);
    const TableShape shape = known_shape(event.relation);
    SharedQueue& queue = shared_queue(shape.table);
    describe_table(queue, event.relation, shape.direct);
    if (!shape.direct) return fn.nothing();
    const std::uint32_t epoch = queue.epoch;
    const auto before = event.old_row
                            ? std::optional(known(event.relation, shape, event.old_row, queue.grouped))
                            : std::nullopt;
    const auto after = event.new_row
                           ? std::optional(known(event.relation, shape, event.new_row, queue.grouped))
                           : std::nullopt;
    if (before && after && before->id == after->id) {
        note_change(queue, epoch, before->id, before->version, after->version, after->standing);
        return fn.nothing();
    }
    if (before) note_change(queue, epoch, before->id, before->version, std::nullopt, before->standing);
    if (after) {
        const Sent sent{after->id, after->version, after->standing};
        note_sent(queue, epoch, std::span(&sent, 1));
    }
    return fn.nothing();
}

}  // namespace singularity::queue
