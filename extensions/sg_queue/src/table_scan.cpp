#include "extensions/sg_queue/src/table_scan.hpp"

namespace singularity::queue {

TableScan::TableScan(const OpenQueue& queue)
    : queue_(queue),
      snapshot_(pg::call([] { return RegisterSnapshot(GetLatestSnapshot()); })),
      scan_(pg::call([this] { return table_beginscan(queue_.relation(), snapshot_, 0, nullptr); })) {}

// On error the server ends both.
TableScan::~TableScan() {
    if (mark_.unsettled()) return;
    table_endscan(scan_);
    UnregisterSnapshot(snapshot_);
}

std::span<const Found> TableScan::next() {
    const std::size_t count = pg::call([this] {
        const TableShape& shape = queue_.queue().waiting;
        std::size_t filled = 0;
        while (filled < found_.size()) {
            CHECK_FOR_INTERRUPTS();
            HeapTuple tuple = heap_getnext(scan_, ForwardScanDirection);
            if (tuple == nullptr) break;
            found_[filled++] = {id_of(queue_.relation(), shape, tuple),
                                version_of(queue_.relation(), shape, tuple),
                                standing_of(queue_.relation(), shape, tuple, queue_.shared().grouped)};
        }
        return filled;
    });
    return std::span(found_).first(count);
}

}  // namespace singularity::queue
