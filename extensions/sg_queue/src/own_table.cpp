#include "extensions/sg_queue/src/own_table.hpp"

extern "C" {
#include "executor/spi.h"
#include "utils/formatting.h"
}

namespace singularity::queue {

namespace {

HeapTuple find_row(Relation table, Oid index_id, Datum folded_name) {
    Snapshot snapshot = RegisterSnapshot(GetLatestSnapshot());
    Relation index = index_open(index_id, AccessShareLock);
    IndexScanDesc scan = index_beginscan(table, index, snapshot, 1, 0);
    ScanKeyData key;
    ScanKeyEntryInitialize(&key, 0, 1, BTEqualStrategyNumber, TEXTOID, DEFAULT_COLLATION_OID, F_TEXTEQ,
                           folded_name);
    index_rescan(scan, &key, 1, nullptr, 0);
    TupleTableSlot* slot = table_slot_create(table, nullptr);
    const bool found = index_getnext_slot(scan, ForwardScanDirection, slot);
    HeapTuple row = found ? ExecCopySlotHeapTuple(slot) : nullptr;
    ExecDropSingleTupleTableSlot(slot);
    index_endscan(scan);
    index_close(index, NoLock);
    UnregisterSnapshot(snapshot);
    return row;
}

}  // namespace

Oid own_table(const char* name) {
    const Oid schema = get_namespace_oid("queue", true);
    return OidIsValid(schema) ? get_relname_relid(name, schema) : InvalidOid;
}

std::string folded(std::string_view name) {
    return pg::call([name] { return str_tolower(name.data(), name.size(), DEFAULT_COLLATION_OID); });
}

HeapTuple find_own_row(const char* name, const char* index, std::string_view folded_name, Relation& table) {
    const Oid table_id = own_table(name), index_id = own_table(index);
    if (!OidIsValid(table_id) || !OidIsValid(index_id)) return nullptr;
    table = table_open(table_id, AccessShareLock);
    const Datum key =
        PointerGetDatum(cstring_to_text_with_len(folded_name.data(), static_cast<int>(folded_name.size())));
    HeapTuple row = find_row(table, index_id, key);
    if (row == nullptr) table_close(table, NoLock);
    return row;
}

Oid look_anew(Relation table, HeapTuple row, int column) {
    char* name = SPI_getvalue(row, RelationGetDescr(table), column);
    const char* queue_table = psprintf("q_%s", str_tolower(name, std::strlen(name), DEFAULT_COLLATION_OID));
    const Oid id = get_relname_relid(queue_table, LookupExplicitNamespace("pgmq", false));
    if (OidIsValid(id)) CacheInvalidateRelcacheByRelid(id);
    return id;
}

}  // namespace singularity::queue
