// Putting a table's messages into its index: once after a restart, and after its file was replaced.
//
// Sends and other changes go on meanwhile: what is in the index already is newer than what the scan sees, but
// for the time when a message that was locked is looked at again. What is deleted behind the scan's back
// leaves an entry whose row is gone, which the next reader removes.
#include "extensions/sg_queue/src/claim.hpp"
#include "extensions/sg_queue/src/table_scan.hpp"
#include "extensions/sg_queue/src/waiters.hpp"

namespace singularity::queue {

namespace {

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

// Nothing where the index was emptied meanwhile: other groups may be kept since.
void add_rows(SharedQueue& queue, std::uint32_t epoch, std::span<const Found> found) {
    const Time now = GetCurrentTimestamp();
    LockedIndex index(queue);
    if (queue.epoch != epoch) return;
    for (const Found& row : found) {
        if (const std::uint32_t slot = index->slots.find(row.id); slot != kNoSlot)
            index->hasten(slot, row.version, now);
        else
            index->settle(index.add(row.id, row.standing, row.version.place), {row.standing.priority, row.id},
                          row.version, now);
    }
}

// False where the index was emptied meanwhile, or something was committed that it had no place for: what came
// before may lack.
bool fill_once(const OpenQueue& queue) {
    SharedQueue& shared = queue.shared();
    const std::uint32_t epoch = shared.epoch, gaps = shared.gaps;
    LockedIndex(shared)->marks.clear();
    TableScan rows(queue, shared.grouped ? TableScan::By::id : TableScan::By::place);
    for (auto found = rows.next(); !found.empty() && shared.epoch == epoch; found = rows.next())
        add_rows(shared, epoch, found);
    const pg::LockGuard guard(shared.lock);
    if (shared.epoch != epoch || shared.gaps != gaps) return false;
    shared.filled = true;
    wake_waiters(shared, LockedIndex::map(shared).slots.ready_by(GetCurrentTimestamp()), true);
    return true;
}

}  // namespace

void fill_index(const OpenQueue& queue) {
    if (queue.shared().filled) [[likely]]
        return;
    const FillTurn turn(queue.queue().waiting.table);
    while (!queue.shared().filled && !fill_once(queue)) pg::check_interrupts();
}

}  // namespace singularity::queue
