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

Options options_in(TupleTableSlot* row) {
    const auto value = [row](Attribute column) {
        bool null = false;
        const Datum datum = slot_getattr(row, column, &null);
        return null ? Datum{0} : datum;
    };
    bool null = false;
    const Datum writer = slot_getsysattr(row, MinTransactionIdAttributeNumber, &null);
    return {.rules = {.turns = DatumGetBool(value(kTurns)),
                      .in_memory = DatumGetBool(value(kMemoryClaims)),
                      .most = DatumGetUInt32(value(kMaxInFlight)),
                      .most_of_a_group = DatumGetUInt32(value(kMaxInFlightPerGroup))},
            .uncommitted = TransactionIdIsCurrentTransactionId(DatumGetTransactionId(writer)),
            .unique_for = pg::DatumOf<std::chrono::microseconds>::from(value(kUniqueFor)).count()};
}

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
    const Options options = found ? options_in(row) : Options{};
    ExecDropSingleTupleTableSlot(row);
    index_endscan(scan);
    index_close(index, NoLock);
    UnregisterSnapshot(snapshot);
    return options;
}

}  // namespace

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
