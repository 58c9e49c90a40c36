// Putting a table's messages into its index: once after a restart, and after its file was replaced.
//
// Sends and other changes go on meanwhile: what is in the index already is newer than what the scan sees.
// What is deleted behind the scan's back leaves an entry whose row is gone, which the next reader removes.
#include "extensions/sg_queue/src/claim.hpp"
#include "extensions/sg_queue/src/waiters.hpp"

namespace singularity::queue {

namespace {

struct Found {
    MessageId id;
    Version version;
};

// Two sessions that fill the same index would do it twice: they take turns.
class FillTurn {
public:
    explicit FillTurn(Oid table) {
        SET_LOCKTAG_ADVISORY(tag_, MyDatabaseId, table, 0, 9);  // a class of locks that SQL can't take
        pg::call([this] { LockAcquire(&tag_, ExclusiveLock, false, false); });
    }
    FillTurn(const FillTurn&) = delete;
    ~FillTurn() {
        if (!mark_.unsettled()) LockRelease(&tag_, ExclusiveLock, false);
    }

private:
    pg::ErrorMark mark_;
    LOCKTAG tag_;
};

std::size_t next_rows(const OpenQueue& queue, TableScanDesc scan, std::span<Found> found) {
    const TableShape& shape = queue.queue().waiting;
    std::size_t count = 0;
    while (count < found.size()) {
        CHECK_FOR_INTERRUPTS();
        HeapTuple tuple = heap_getnext(scan, ForwardScanDirection);
        if (tuple == nullptr) break;
        found[count++] = {id_of(queue.relation(), shape, tuple),
                          {place_of(tuple->t_self), due_of(queue.relation(), shape, tuple)}};
    }
    return count;
}

void add_rows(SharedQueue& queue, std::span<const Found> found) {
    const Time now = GetCurrentTimestamp();
    LockedIndex index(queue);
    for (const Found& row : found) {
        if (index->find(row.id) != kNoSlot) continue;
        index->release(index.add(row.id, 0, SlotState::held), row.version, now);
    }
}

void add_table(const OpenQueue& queue) {
    const Snapshot snapshot = pg::call([] { return RegisterSnapshot(GetLatestSnapshot()); });
    const TableScanDesc scan =
        pg::call([&] { return table_beginscan(queue.relation(), snapshot, 0, nullptr); });
    std::array<Found, 512> found;
    for (;;) {
        const std::size_t count = pg::call([&] { return next_rows(queue, scan, found); });
        add_rows(queue.shared(), std::span(found).first(count));
        if (count < found.size()) break;
    }
    pg::call([scan, snapshot] {
        table_endscan(scan);
        UnregisterSnapshot(snapshot);
    });
}

}  // namespace

void fill_index(const OpenQueue& queue) {
    SharedQueue& shared = queue.shared();
    if (shared.filled) [[likely]]
        return;
    const FillTurn turn(queue.queue().waiting.table);
    if (shared.filled) return;
    add_table(queue);
    const pg::LockGuard guard(shared.lock);
    shared.filled = true;
    wake_waiters(shared, LockedIndex::map(shared).ready_by(GetCurrentTimestamp()), true);
}

}  // namespace singularity::queue
