#include "extensions/sg_queue/src/rows.hpp"

extern "C" {
#include "access/relscan.h"
}

namespace singularity::queue {

namespace {

// Rows are looked up by index entries that may outlive the pages they point to.
bool exists(Relation relation, Place place) {
    return place.block < RelationGetNumberOfBlocks(relation);
}

Row row_from(Relation relation, const TableShape& shape, HeapTuple tuple) {
    return {tuple, version_of(relation, shape, tuple)};
}

HeapTuple replace_columns(Relation relation, const TableShape& shape, HeapTuple tuple, int count,
                          const Column* columns, const Datum* values) {
    int numbers[kColumns];
    bool nulls[kColumns] = {};
    for (int i = 0; i < count; ++i) numbers[i] = shape[columns[i]];
    return heap_modify_tuple_by_cols(tuple, RelationGetDescr(relation), count, numbers, values, nulls);
}

// Every index of a table that is served directly is on plain columns.
void insert_into_index(Relation relation, Oid oid, HeapTuple tuple, TU_UpdateIndexes which, bool unchanged) {
    Relation index = index_open(oid, RowExclusiveLock);
    if (which == TU_Summarizing && !index->rd_indam->amsummarizing) return index_close(index, NoLock);
    Form_pg_index form = index->rd_index;
    Datum values[INDEX_MAX_KEYS];
    bool nulls[INDEX_MAX_KEYS];
    for (int i = 0; i < form->indnatts; ++i) {
        values[i] = heap_getattr(tuple, form->indkey.values[i], RelationGetDescr(relation), &nulls[i]);
    }
    IndexInfo* info = BuildIndexInfo(index);
    const IndexUniqueCheck unique = form->indisunique ? UNIQUE_CHECK_YES : UNIQUE_CHECK_NO;
    index_insert(index, values, nulls, &tuple->t_self, relation, unique, unchanged, info);
    index_insert_cleanup(index, info);
    index_close(index, NoLock);
}

// Of a version that stays in its chain, only indexes of blocks hear (TU_Summarizing).
void insert_into_indexes(Relation relation, HeapTuple tuple, TU_UpdateIndexes which = TU_All,
                         bool unchanged = false) {
    if (which == TU_None) return;
    ListCell* cell = nullptr;
    foreach (cell, RelationGetIndexList(relation)) {
        insert_into_index(relation, lfirst_oid(cell), tuple, which, unchanged);
    }
}

[[noreturn]] void report_serialization_failure(const char* what) {
    ereport(ERROR, errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
            errmsg("could not serialize access due to concurrent %s", what));
    pg_unreachable();
}

Changed outcome_of(TM_Result result) {
    switch (result) {
        case TM_Ok: return Changed::yes;
        case TM_Updated:
            if (IsolationUsesXactSnapshot()) report_serialization_failure("update");
            return Changed::elsewhere;
        case TM_Deleted:
            if (IsolationUsesXactSnapshot()) report_serialization_failure("delete");
            return Changed::gone;
        case TM_BeingModified:
        case TM_WouldBlock: return Changed::locked;
        case TM_SelfModified:
        case TM_Invisible: break;
    }
    return Changed::gone;
}

// Whether a row that is locked is so by this very transaction; it is then locked for the change.
bool locked_by_us(Relation relation, HeapTuple row, LockTupleMode mode) {
    HeapTupleData found;
    found.t_self = row->t_self;
    Buffer buffer = InvalidBuffer;
    TM_FailureData failure;
    const TM_Result result = heap_lock_tuple(relation, &found, GetCurrentCommandId(true), mode, LockWaitSkip,
                                             false, &buffer, &failure);
    ReleaseBuffer(buffer);
    return result == TM_Ok;
}

}  // namespace

Place place_of(const ItemPointerData& tid) {
    return {ItemPointerGetBlockNumberNoCheck(&tid), ItemPointerGetOffsetNumberNoCheck(&tid)};
}

ItemPointerData tid_of(Place place) {
    ItemPointerData tid;
    ItemPointerSet(&tid, place.block, place.offset);
    return tid;
}

Datum value_of(Relation relation, const TableShape& shape, HeapTuple tuple, Column column, bool& null) {
    return heap_getattr(tuple, shape[column], RelationGetDescr(relation), &null);
}

MessageId id_of(Relation relation, const TableShape& shape, HeapTuple tuple) {
    bool null = false;
    return DatumGetInt64(value_of(relation, shape, tuple, Column::msg_id, null));
}

Version version_of(Relation relation, const TableShape& shape, HeapTuple tuple) {
    bool always = false, unread = false;
    const Datum due = value_of(relation, shape, tuple, Column::vt, always);
    value_of(relation, shape, tuple, Column::last_read_at, unread);
    return {.place = place_of(tuple->t_self),
            .due = always ? DT_NOEND : DatumGetTimestampTz(due),
            .claimed = !unread};
}

Row fetch_row(Relation relation, const TableShape& shape, Snapshot snapshot, MessageId id, Place place) {
    if (place.offset == InvalidOffsetNumber || !exists(relation, place)) return {};
    // What claims leave behind is pruned as claims go on, so that there is room for their new versions.
    Buffer buffer = ReadBuffer(relation, place.block);
    heap_page_prune_opt(relation, buffer);
    ReleaseBuffer(buffer);
    HeapTupleData found;
    found.t_self = tid_of(place);
    if (!heap_fetch(relation, snapshot, &found, &buffer, false)) return {};
    HeapTuple copy = heap_copytuple(&found);
    ReleaseBuffer(buffer);
    if (id_of(relation, shape, copy) != id) return {};
    return row_from(relation, shape, copy);
}

Row find_row(Relation relation, const TableShape& shape, Snapshot snapshot, MessageId id) {
    Relation index = index_open(shape.primary_key, AccessShareLock);
    IndexScanDesc scan = index_beginscan(relation, index, snapshot, 1, 0);
    ScanKeyData key;
    ScanKeyInit(&key, 1, BTEqualStrategyNumber, F_INT8EQ, Int64GetDatum(id));
    index_rescan(scan, &key, 1, nullptr, 0);
    TupleTableSlot* slot = table_slot_create(relation, nullptr);
    Row row;
    if (index_getnext_slot(scan, ForwardScanDirection, slot)) {
        row = row_from(relation, shape, ExecCopySlotHeapTuple(slot));
    }
    ExecDropSingleTupleTableSlot(slot);
    index_endscan(scan);
    index_close(index, NoLock);
    return row;
}

Version insert_row(Relation relation, const TableShape& shape, HeapTuple tuple) {
    heap_insert(relation, tuple, GetCurrentCommandId(true), 0, nullptr);
    insert_into_indexes(relation, tuple);
    return version_of(relation, shape, tuple);
}

void insert_rows(Relation relation, const TableShape& shape, HeapTuple* tuples, int count,
                 Version* versions) {
    auto** slots = static_cast<TupleTableSlot**>(palloc(sizeof(TupleTableSlot*) * static_cast<Size>(count)));
    for (int i = 0; i < count; ++i) {
        slots[i] = MakeSingleTupleTableSlot(RelationGetDescr(relation), &TTSOpsHeapTuple);
        ExecStoreHeapTuple(tuples[i], slots[i], false);
    }
    heap_multi_insert(relation, slots, count, GetCurrentCommandId(true), 0, nullptr);
    for (int i = 0; i < count; ++i) {
        tuples[i]->t_self = slots[i]->tts_tid;
        insert_into_indexes(relation, tuples[i]);
        versions[i] = version_of(relation, shape, tuples[i]);
        ExecDropSingleTupleTableSlot(slots[i]);
    }
}

Row with_lease(Relation relation, const TableShape& shape, const Row& row, Version version) {
    static constexpr Column kClaimed[] = {Column::read_ct, Column::last_read_at, Column::vt};
    bool null = false;
    const std::int64_t reads =
        std::int64_t{DatumGetInt32(value_of(relation, shape, row.tuple, Column::read_ct, null))} +
        version.lease.reads;
    const Datum values[] = {Int32GetDatum(static_cast<std::int32_t>(std::min<std::int64_t>(reads, INT_MAX))),
                            TimestampTzGetDatum(version.lease.read_at), TimestampTzGetDatum(version.due)};
    return {replace_columns(relation, shape, row.tuple, 3, kClaimed, values), version};
}

Changed update_row(Relation relation, const TableShape& shape, Row& row, int count, const Column* columns,
                   const Datum* values, OnLock on_lock) {
    HeapTuple changed = replace_columns(relation, shape, row.tuple, count, columns, values);
    TM_FailureData failure;
    LockTupleMode lock_mode;
    TU_UpdateIndexes update_indexes = TU_None;
    ItemPointerData old_place = row.tuple->t_self;
    const auto update = [&](bool wait) {
        return outcome_of(heap_update(relation, &old_place, changed, GetCurrentCommandId(true), nullptr, wait,
                                      &failure, &lock_mode, &update_indexes));
    };
    Changed outcome = update(on_lock == OnLock::wait);
    if (outcome == Changed::locked && locked_by_us(relation, row.tuple, LockTupleNoKeyExclusive))
        outcome = update(true);
    if (outcome != Changed::yes) return outcome;
    insert_into_indexes(relation, changed, update_indexes, true);
    row = row_from(relation, shape, changed);
    return Changed::yes;
}

Changed delete_row(Relation relation, const Row& row, OnLock on_lock) {
    TM_FailureData failure;
    ItemPointerData place = row.tuple->t_self;
    const auto remove = [&](bool wait) {
        return outcome_of(
            heap_delete(relation, &place, GetCurrentCommandId(true), nullptr, wait, &failure, false));
    };
    const Changed outcome = remove(on_lock == OnLock::wait);
    const bool ours = outcome == Changed::locked && locked_by_us(relation, row.tuple, LockTupleExclusive);
    return ours ? remove(true) : outcome;
}

Changed look_at_lock(Relation relation, const Row& row) {
    HeapTupleData stored;
    stored.t_self = row.tuple->t_self;
    stored.t_tableOid = RelationGetRelid(relation);
    Buffer buffer = ReadBuffer(relation, row.version.place.block);
    LockBuffer(buffer, BUFFER_LOCK_SHARE);
    const Page page = BufferGetPage(buffer);
    ItemId item = PageGetItemId(page, row.version.place.offset);
    stored.t_data = reinterpret_cast<HeapTupleHeader>(PageGetItem(page, item));
    stored.t_len = ItemIdGetLength(item);
    const TM_Result result = HeapTupleSatisfiesUpdate(&stored, GetCurrentCommandId(false), buffer);
    HeapTupleHeader header = stored.t_data;
    const bool ours = TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetRawXmax(header));
    const bool key_alone = HEAP_XMAX_IS_KEYSHR_LOCKED(header->t_infomask);
    UnlockReleaseBuffer(buffer);
    return result == TM_BeingModified && (ours || key_alone) ? Changed::yes : outcome_of(result);
}

}  // namespace singularity::queue
