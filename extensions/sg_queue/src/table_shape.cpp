// What a queue's table looks like, and whether it may be used past the executor.
#include "extensions/sg_queue/src/queue_table.hpp"

extern "C" {
#include "catalog/pg_index.h"
}

namespace singularity::queue {

namespace {

struct ColumnShape {
    const char* name;
    Oid type;
};
constexpr ColumnShape kShape[kColumns] = {
    {"msg_id", INT8OID},
    {"read_ct", INT4OID},
    {"enqueued_at", TIMESTAMPTZOID},
    {"last_read_at", TIMESTAMPTZOID},
    {"vt", TIMESTAMPTZOID},
    {"message", JSONBOID},
    {"headers", JSONBOID},
};

// Those that `create` lets be null, so that nothing here looks before it writes.
bool may_be_null(Column column) {
    return column == Column::last_read_at || column == Column::message || column == Column::headers;
}

// Finds the columns; false where there are others, or one is missing, computed, or refuses what we write. A
// dropped one stays in the rows, which then have more than ours.
bool find_columns(Relation relation, TableShape& shape) {
    TupleDesc columns = RelationGetDescr(relation);
    int found = 0;
    for (int i = 0; i < columns->natts; ++i) {
        Form_pg_attribute column = TupleDescAttr(columns, i);
        if (column->attisdropped || column->attgenerated != '\0') return false;
        if (column->atttypid == TIMESTAMPTZOID && std::strcmp(NameStr(column->attname), "archived_at") == 0) {
            shape.archived_at = column->attnum;
            continue;
        }
        const auto* known = std::ranges::find_if(kShape, [&](const ColumnShape& each) {
            return each.type == column->atttypid && std::strcmp(each.name, NameStr(column->attname)) == 0;
        });
        if (known == std::end(kShape)) return false;
        if (column->attnotnull && may_be_null(static_cast<Column>(known - kShape))) return false;
        shape.columns[known - kShape] = column->attnum;
        ++found;
    }
    return found == kColumns;
}

bool runs(const Trigger& trigger, const char* schema, const char* function) {
    const char* its_function = get_func_name(trigger.tgfoid);
    const char* its_schema = get_namespace_name(get_func_namespace(trigger.tgfoid));
    return its_function != nullptr && its_schema != nullptr && std::strcmp(its_function, function) == 0 &&
           std::strcmp(its_schema, schema) == 0;
}

// A queue has the trigger that tells the engine what SQL did, and may have the one that notifies listeners:
// the engine does as that would. An archive has none. False where there are others, or ours is off.
bool understand_triggers(Relation relation, TableShape& shape, bool waiting) {
    const TriggerDesc* triggers = relation->trigdesc;
    if (triggers == nullptr) return !waiting;
    bool noticed = false;
    for (const Trigger& trigger :
         std::span(triggers->triggers, static_cast<std::size_t>(triggers->numtriggers))) {
        if (runs(trigger, "queue", "_notice")) {
            noticed = trigger.tgenabled == TRIGGER_FIRES_ALWAYS;
        } else if (runs(trigger, "pgmq", "notify_queue_listeners") &&
                   trigger.tgenabled == TRIGGER_FIRES_ON_ORIGIN) {
            shape.notifies = trigger.tgnargs == 0 ? Notifies::always : Notifies::throttled;
        } else {
            return false;
        }
    }
    return noticed && waiting;
}

bool is_on_plain_columns(Relation index) {
    Form_pg_index form = index->rd_index;
    for (int i = 0; i < form->indnatts; ++i) {
        if (form->indkey.values[i] <= 0) return false;  // an expression
    }
    return form->indisvalid && form->indimmediate && !form->indisexclusion &&
           heap_attisnull(index->rd_indextuple, Anum_pg_index_indpred, nullptr);
}

// Whether every index is on plain columns and the primary key on msg_id alone.
bool find_primary_key(Relation relation, TableShape& shape) {
    ListCell* cell = nullptr;
    foreach (cell, RelationGetIndexList(relation)) {
        Relation index = index_open(lfirst_oid(cell), AccessShareLock);
        Form_pg_index form = index->rd_index;
        const bool plain = is_on_plain_columns(index);
        if (form->indisprimary && form->indnatts == 1 && form->indkey.values[0] == shape[Column::msg_id] &&
            index->rd_rel->relam == BTREE_AM_OID) {
            shape.primary_key = lfirst_oid(cell);
        }
        index_close(index, NoLock);
        if (!plain) return false;
    }
    return OidIsValid(shape.primary_key);
}

bool is_plain(Relation relation) {
    Form_pg_class form = relation->rd_rel;
    const TupleConstr* constraints = RelationGetDescr(relation)->constr;
    return form->relkind == RELKIND_RELATION && form->relam == HEAP_TABLE_AM_OID && !form->relrowsecurity &&
           !form->relhasrules && !form->relhassubclass && !form->relispartition &&
           form->relpersistence != RELPERSISTENCE_TEMP &&
           (constraints == nullptr || constraints->num_check == 0);
}

}  // namespace

TableShape shape_of(Relation relation) {
    TableShape shape;
    shape.table = RelationGetRelid(relation);
    if (!is_plain(relation) || !find_columns(relation, shape) || !find_primary_key(relation, shape))
        return shape;
    const bool waiting = shape.archived_at == InvalidAttrNumber;
    if (waiting) shape.sequence = getIdentitySequence(relation, shape[Column::msg_id], true);
    shape.direct = waiting == OidIsValid(shape.sequence) && understand_triggers(relation, shape, waiting);
    return shape;
}

}  // namespace singularity::queue
