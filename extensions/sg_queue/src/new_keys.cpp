// Rows of queue.unique_keys, put there past the executor where nobody has the key.
#include "extensions/sg_queue/src/own_table.hpp"
#include "extensions/sg_queue/src/unique_key.hpp"

namespace singularity::queue {

namespace {

enum Column { queue_name, key, body_hash, msg_id, expires_at, count };

using Values = std::array<Datum, Column::count>;

// What follows reports errors by a jump.

struct OpenIndex {
    Relation relation;
    IndexInfo* info;
};

struct OpenKeys {
    Relation table = nullptr;
    std::span<OpenIndex> indexes;
    OpenIndex* primary = nullptr;  // null where the table is not as our script made it

    TupleTableSlot* new_slot() const { return table_slot_create(table, nullptr); }
};

bool is_as_made(const OpenKeys& keys) {
    TupleDesc columns = RelationGetDescr(keys.table);
    return keys.table->rd_rel->relam == HEAP_TABLE_AM_OID && columns->natts == Column::count &&
           columns->constr->num_check == 0 && keys.table->trigdesc == nullptr &&
           keys.table->rd_rules == nullptr && std::ranges::all_of(keys.indexes, [](const OpenIndex& index) {
               return index.info->ii_Expressions == NIL && index.info->ii_Predicate == NIL &&
                      index.info->ii_Unique == index.relation->rd_index->indisprimary;
           });
}

OpenKeys open_keys() {
    OpenKeys keys;
    keys.table = table_open(own_table("unique_keys"), RowExclusiveLock);
    const List* ids = RelationGetIndexList(keys.table);
    auto* indexes = static_cast<OpenIndex*>(palloc(sizeof(OpenIndex) * static_cast<Size>(list_length(ids))));
    ListCell* cell = nullptr;
    foreach (cell, ids) {
        Relation index = index_open(lfirst_oid(cell), RowExclusiveLock);
        indexes[foreach_current_index(cell)] = {index, BuildIndexInfo(index)};
    }
    keys.indexes = {indexes, static_cast<std::size_t>(list_length(ids))};
    const auto primary = std::ranges::find(
        keys.indexes, true, [](const OpenIndex& index) { return index.relation->rd_index->indisprimary; });
    if (primary != keys.indexes.end() && is_as_made(keys)) keys.primary = &*primary;
    return keys;
}

void close_keys(const OpenKeys& keys) {
    for (const OpenIndex& index : keys.indexes) {
        index_insert_cleanup(index.relation, index.info);
        index_close(index.relation, NoLock);
    }
    table_close(keys.table, NoLock);
}

// Also where it is of a transaction that has not ended.
bool is_there(const OpenKeys& keys, const Values& row) {
    SnapshotData dirty;
    InitDirtySnapshot(dirty);
    IndexScanDesc scan = index_beginscan(keys.table, keys.primary->relation, &dirty, 2, 0);
    ScanKeyData wanted[2];
    for (const Column column : {queue_name, key}) {
        ScanKeyEntryInitialize(&wanted[column], 0, static_cast<AttrNumber>(column + 1), BTEqualStrategyNumber,
                               TEXTOID, C_COLLATION_OID, F_TEXTEQ, row[column]);
    }
    index_rescan(scan, wanted, 2, nullptr, 0);
    TupleTableSlot* slot = keys.new_slot();
    const bool found = index_getnext_slot(scan, ForwardScanDirection, slot);
    ExecDropSingleTupleTableSlot(slot);
    index_endscan(scan);
    return found;
}

// False where another has put the same key there since `is_there` looked.
bool enter_in_indexes(const OpenKeys& keys, TupleTableSlot* row) {
    bool alone = true;
    for (OpenIndex& index : keys.indexes) {
        Datum values[INDEX_MAX_KEYS];
        bool nulls[INDEX_MAX_KEYS];
        FormIndexDatum(index.info, row, nullptr, values, nulls);
        const IndexUniqueCheck check = index.info->ii_Unique ? UNIQUE_CHECK_PARTIAL : UNIQUE_CHECK_NO;
        const bool unique =
            index_insert(index.relation, values, nulls, &row->tts_tid, keys.table, check, false, index.info);
        if (index.info->ii_Unique) alone = unique;
    }
    return alone;
}

// As INSERT … ON CONFLICT DO NOTHING puts it, so that of two who do so at once neither waits with a row
// that the other would wait for.
bool put(const OpenKeys& keys, const Values& row, bool without_id) {
    TupleTableSlot* slot = keys.new_slot();
    std::ranges::copy(row, slot->tts_values);
    std::fill_n(slot->tts_isnull, Column::count, false);
    slot->tts_isnull[msg_id] = without_id;
    ExecStoreVirtualTuple(slot);
    const TransactionId ours = GetCurrentTransactionId();
    const std::uint32_t token = SpeculativeInsertionLockAcquire(ours);
    table_tuple_insert_speculative(keys.table, slot, GetCurrentCommandId(true), 0, nullptr, token);
    const bool alone = enter_in_indexes(keys, slot);
    table_tuple_complete_speculative(keys.table, slot, token, alone);
    SpeculativeInsertionLockRelease(ours);
    ExecDropSingleTupleTableSlot(slot);
    return alone;
}

Datum bytes_datum(const void* bytes, std::size_t size) {
    return PointerGetDatum(cstring_to_text_with_len(static_cast<const char*>(bytes), static_cast<int>(size)));
}

}  // namespace

std::size_t put_new_keys(std::string_view queue, std::span<KeyClaim> claims, Time expires) {
    const pg::TempContext rows("unique keys");
    const pg::MemoryScope scope(rows.get());
    return pg::call([=] {
        const OpenKeys keys = open_keys();
        Values row;
        row[queue_name] = bytes_datum(queue.data(), queue.size());
        row[expires_at] = TimestampTzGetDatum(expires);
        std::size_t done = 0;
        for (; keys.primary != nullptr && done < claims.size(); ++done) {
            CHECK_FOR_INTERRUPTS();
            KeyClaim& claim = claims[done];
            row[key] = bytes_datum(claim.key.key.data(), claim.key.key.size());
            row[body_hash] = bytes_datum(claim.key.body.data(), claim.key.body.size());
            row[msg_id] = Int64GetDatum(claim.id.value_or(0));
            if (is_there(keys, row) || !put(keys, row, !claim.id)) break;
            claim.fresh = true;
        }
        close_keys(keys);
        return done;
    });
}

}  // namespace singularity::queue
