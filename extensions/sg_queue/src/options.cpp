#include "extensions/sg_queue/src/options.hpp"

#include "extensions/sg_queue/src/as_owner.hpp"

namespace singularity::queue {

namespace {

// The columns of queue.options, as its script has them.
enum Attribute : AttrNumber {
    kMemoryClaims = 2,
    kTurns,
    kMaxInFlight,
    kMaxInFlightPerGroup,
    kUniqueFor,
};

// By the index on the folded name. No rights are asked for: they are no secret to who may use the queue.
Options find_options(Relation table, Oid index_id, Datum folded_name) {
    Snapshot snapshot = RegisterSnapshot(GetLatestSnapshot());
    Relation index = index_open(index_id, AccessShareLock);
    IndexScanDesc scan = index_beginscan(table, index, snapshot, 1, 0);
    ScanKeyData key;
    ScanKeyEntryInitialize(&key, 0, 1, BTEqualStrategyNumber, TEXTOID, DEFAULT_COLLATION_OID, F_TEXTEQ,
                           folded_name);
    index_rescan(scan, &key, 1, nullptr, 0);
    TupleTableSlot* row = table_slot_create(table, nullptr);
    const bool found = index_getnext_slot(scan, ForwardScanDirection, row);
    const Options options =
        found ? options_in(ExecCopySlotHeapTuple(row), RelationGetDescr(table)) : Options{};
    ExecDropSingleTupleTableSlot(row);
    index_endscan(scan);
    index_close(index, NoLock);
    UnregisterSnapshot(snapshot);
    return options;
}

}  // namespace

Options options_in(HeapTuple row, TupleDesc columns) {
    const auto value = [row, columns](Attribute column) {
        bool null = false;
        const Datum datum = heap_getattr(row, column, columns, &null);
        return null ? Datum{0} : datum;
    };
    return {.rules = {.turns = DatumGetBool(value(kTurns)),
                      .in_memory = DatumGetBool(value(kMemoryClaims)),
                      .most = DatumGetUInt32(value(kMaxInFlight)),
                      .most_of_a_group = DatumGetUInt32(value(kMaxInFlightPerGroup))},
            .uncommitted = TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetXmin(row->t_data)),
            .unique_for = pg::DatumOf<std::chrono::microseconds>::from(value(kUniqueFor)).count()};
}

Options read_options(std::string_view folded_name) {
    return pg::call([folded_name] {
        const Oid table_id = own_table("options"), index_id = own_table("options_folded_name_key");
        if (!OidIsValid(table_id) || !OidIsValid(index_id)) return Options{};
        Relation table = table_open(table_id, AccessShareLock);
        const Datum name = PointerGetDatum(
            cstring_to_text_with_len(folded_name.data(), static_cast<int>(folded_name.size())));
        const Options options = find_options(table, index_id, name);
        table_close(table, NoLock);
        return options;
    });
}

}  // namespace singularity::queue
