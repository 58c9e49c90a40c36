#include "extensions/sg_queue/src/options.hpp"

#include "extensions/sg_queue/src/own_table.hpp"

namespace singularity::queue {

namespace {

// The columns of queue.options, as its script has them.
enum Attribute : AttrNumber {
    kMemoryClaims = 2,
    kTurns,
    kMaxInFlight,
    kMaxInFlightPerGroup,
    kUniqueFor,
    kPaused,
};

}  // namespace

Options options_in(HeapTuple row, TupleDesc columns) {
    const auto value = [row, columns](Attribute column) {
        if (column > columns->natts) return Datum{0};  // of an older script
        bool null = false;
        const Datum datum = heap_getattr(row, column, columns, &null);
        return null ? Datum{0} : datum;
    };
    return {.rules = {.turns = DatumGetBool(value(kTurns)),
                      .in_memory = DatumGetBool(value(kMemoryClaims)),
                      .paused = DatumGetBool(value(kPaused)),
                      .most = DatumGetUInt32(value(kMaxInFlight)),
                      .most_of_a_group = DatumGetUInt32(value(kMaxInFlightPerGroup))},
            .uncommitted = TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetXmin(row->t_data)),
            .unique_for = pg::DatumOf<std::chrono::microseconds>::from(value(kUniqueFor)).count()};
}

Options read_options(std::string_view folded_name) {
    return pg::call([folded_name] {
        Relation table = nullptr;
        HeapTuple row = find_own_row("options", "options_folded_name_key", folded_name, table);
        if (row == nullptr) return Options{};
        const Options options = options_in(row, RelationGetDescr(table));
        table_close(table, NoLock);
        return options;
    });
}

}  // namespace singularity::queue
