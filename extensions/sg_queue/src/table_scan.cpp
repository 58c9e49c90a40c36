#include "extensions/sg_queue/src/table_scan.hpp"

namespace singularity::queue {

TableScan::TableScan(const OpenQueue& queue, By by)
    : queue_(queue),
      snapshot_(pg::call([] { return RegisterSnapshot(GetLatestSnapshot()); })),
      row_(pg::call([this] { return table_slot_create(queue_.relation(), nullptr); })) {
    pg::call([this, by] {
        if (by == By::place) {
            scan_ = table_beginscan(queue_.relation(), snapshot_, 0, nullptr);
            return;
        }
        index_ = index_open(queue_.queue().waiting.primary_key, AccessShareLock);
        index_scan_ = index_beginscan(queue_.relation(), index_, snapshot_, 0, 0);
        index_rescan(index_scan_, nullptr, 0, nullptr, 0);
    });
}

// On error the server ends all of it.
TableScan::~TableScan() {
    if (mark_.unsettled()) return;
    ExecDropSingleTupleTableSlot(row_);
    if (scan_ != nullptr) {
        table_endscan(scan_);
    } else {
        index_endscan(index_scan_);
        index_close(index_, NoLock);
    }
    UnregisterSnapshot(snapshot_);
}

// A scan that is asked again at its end would begin anew. Reports errors by a jump.
bool TableScan::next_row() {
    CHECK_FOR_INTERRUPTS();
    if (ended_) return false;
    const bool found = scan_ != nullptr ? table_scan_getnextslot(scan_, ForwardScanDirection, row_)
                                        : index_getnext_slot(index_scan_, ForwardScanDirection, row_);
    ended_ = !found;
    return found;
}

std::span<const Found> TableScan::next() {
    const std::size_t count = pg::call([this] {
        Relation relation = queue_.relation();
        const TableShape& shape = queue_.queue().waiting;
        std::size_t filled = 0;
        while (filled < found_.size() && next_row()) {
            bool copied = false;
            HeapTuple tuple = ExecFetchSlotHeapTuple(row_, false, &copied);
            found_[filled++] = {id_of(relation, shape, tuple), version_of(relation, shape, tuple),
                                standing_of(relation, shape, tuple, queue_.shared().grouped)};
        }
        return filled;
    });
    return std::span(found_).first(count);
}

}  // namespace singularity::queue
