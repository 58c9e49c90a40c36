// Reading a marked block of a queue's table: its messages that are due get slots, the others are marked anew.
#include "extensions/sg_queue/src/claim.hpp"
#include "extensions/sg_queue/src/table_scan.hpp"

namespace singularity::queue {

namespace {

// The messages that lie in a block, as a snapshot sees them.
std::span<const Found> rows_in(const OpenQueue& queue, std::uint32_t block, std::span<Found> found) {
    const std::size_t count = pg::call([&queue, block, found] {
        Relation relation = queue.relation();
        const TableShape& shape = queue.queue().waiting;
        if (block >= RelationGetNumberOfBlocks(relation)) return std::size_t{0};
        Snapshot snapshot = RegisterSnapshot(GetLatestSnapshot());
        std::size_t filled = 0;
        for (OffsetNumber offset = FirstOffsetNumber; offset <= MaxHeapTuplesPerPage; ++offset) {
            HeapTupleData row;
            row.t_self = tid_of({block, offset});
            Buffer buffer = InvalidBuffer;
            if (!heap_fetch(relation, snapshot, &row, &buffer, false)) continue;
            found[filled++] = {id_of(relation, shape, &row), version_of(relation, shape, &row),
                               standing_of(relation, shape, &row, false)};
            ReleaseBuffer(buffer);
        }
        UnregisterSnapshot(snapshot);
        return filled;
    });
    return found.first(count);
}

void settle(LockedIndex& index, const Found& row, Time now) {
    ReadyIndex& slots = index->slots;
    if (const std::uint32_t slot = slots.find(row.id); slot != kNoSlot)
        return index->hasten(slot, row.version, now);
    if (row.version.due > now) index->marks.add({row.standing.priority, row.id}, row.version, now);
    else slots.release(index.add_slot(row.id, row.standing, SlotState::held), row.version, now);
}

}  // namespace

bool has_ready(SharedQueue& queue) {
    return LockedIndex(queue)->any_ready(GetCurrentTimestamp());
}

bool has_marked_due(SharedQueue& queue) {
    LockedIndex index(queue);
    return !index->paused && index->marks.any_ready(GetCurrentTimestamp());
}

std::int64_t recount_marked_block(const OpenQueue& queue, std::uint32_t block) {
    SharedQueue& shared = queue.shared();
    for (;;) {
        pg::check_interrupts();
        std::uint32_t known = 0, cleared = 0;
        {
            LockedIndex index(shared);
            known = index->marks[block].added;
            cleared = index->marks.cleared();
        }
        std::array<Found, MaxHeapTuplesPerPage> found;
        const auto rows = rows_in(queue, block, found);
        LockedIndex index(shared);
        if (index->marks.cleared() != cleared || index->marks[block].state == MarkState::none) return 0;
        const auto count = static_cast<std::uint32_t>(std::ranges::count_if(
            rows, [&index](const Found& row) { return index->slots.find(row.id) == kNoSlot; }));
        const std::int64_t was = index->marks[block].count;
        if (index->marks.correct(block, known, count)) return std::abs(was - std::int64_t{count});
    }
}

bool read_marked_block(const OpenQueue& queue) {
    SharedQueue& shared = queue.shared();
    std::uint32_t block = 0, known = 0, cleared = 0;
    {
        LockedIndex index(shared);
        const auto next = index->block_to_read(GetCurrentTimestamp());
        if (!next) return false;
        block = *next;
        known = index->marks[block].added;
        cleared = index->marks.cleared();
    }
    std::array<Found, MaxHeapTuplesPerPage> found;
    const auto rows = rows_in(queue, block, found);
    const Time now = GetCurrentTimestamp();
    LockedIndex index(shared);
    if (index->marks.cleared() != cleared) return true;
    if (!index->marks.drop(block, known)) return true;  // what came since may be among the rows, or not
    for (const Found& row : rows) settle(index, row, now);
    return true;
}

}  // namespace singularity::queue
