// queue.check: compares a queue's index with its table, and mends what reached the table behind the index's
// back. What changes meanwhile is looked at twice: only what stays different counts.
#include "extensions/sg_queue/src/claim.hpp"
#include "extensions/sg_queue/src/table_scan.hpp"
#include "extensions/sg_queue/src/waiters.hpp"

namespace singularity::queue {

namespace {

constexpr Column kCompared[] = {Column::msg_id, Column::vt};
constexpr Rights kRights{.whole = ACL_NO_RIGHTS, .some = ACL_SELECT, .columns = kCompared};

bool is_known(SharedQueue& queue, MessageId id) {
    LockedIndex index(queue);
    return index->find(id) != kNoSlot;
}

// A slot of the index that nobody holds, and what it says.
struct Entry {
    std::uint32_t slot;
    MessageId id;
    Version version;
};

bool is_still(const ReadyIndex& index, const Entry& entry) {
    const Slot& slot = index[entry.slot];
    const bool idle = slot.state == SlotState::ready || slot.state == SlotState::waiting;
    return idle && slot.id == entry.id && slot.version().place == entry.version.place &&
           slot.due == entry.version.due;
}

std::vector<Entry> idle_entries(SharedQueue& queue) {
    LockedIndex index(queue);
    std::vector<Entry> entries;
    entries.reserve(queue.counts.ready + queue.counts.waiting);
    for (std::uint32_t slot = 0; slot < index->slots(); ++slot) {
        const Entry entry{slot, (*index)[slot].id, (*index)[slot].version()};
        if (is_still(*index, entry)) entries.push_back(entry);
    }
    return entries;
}

// Releases the message with what the table says; false where it has changed meanwhile.
bool correct(SharedQueue& queue, const Entry& entry, const Row& row) {
    LockedIndex index(queue);
    if (!is_still(*index, entry)) return false;
    const Ticket ticket = index->take(entry.slot);
    if (!row) index->remove(ticket);
    else if (index->release(ticket, row.version, GetCurrentTimestamp())) wake_waiters(queue, 1, false);
    return true;
}

std::int64_t mend_entries(const OpenQueue& queue) {
    std::int64_t mended = 0;
    for (const Entry& entry : idle_entries(queue.shared())) {
        pg::check_interrupts();
        const Row row = locate(queue, entry.id);
        const bool same =
            row && row.version.place == entry.version.place && row.version.due == entry.version.due;
        if (!same && correct(queue.shared(), entry, row)) ++mended;
    }
    return mended;
}

std::int64_t add_missing(const OpenQueue& queue) {
    std::int64_t added = 0;
    SharedQueue& shared = queue.shared();
    TableScan rows(queue);
    for (auto found = rows.next(); !found.empty(); found = rows.next()) {
        for (const Found& each : found) {
            if (is_known(shared, each.id)) continue;
            const Row row = locate(queue, each.id);
            if (!row) continue;
            LockedIndex index(shared);
            if (index->find(each.id) != kNoSlot) continue;
            const Ticket ticket = index.add(each.id, 0, SlotState::held);
            if (index->release(ticket, row.version, GetCurrentTimestamp())) wake_waiters(shared, 1, false);
            ++added;
        }
    }
    return added;
}

}  // namespace

SG_FUNCTION(sg_queue_check) {
    begin_call("check");
    const OpenQueue queue(fn.arg<std::string_view>(0), kRights);
    if (!queue.direct()) {
        throw pg::Failure(ERRCODE_INSUFFICIENT_PRIVILEGE, "this queue cannot be checked", {},
                          "You lack the right to read it, or it is served by SQL and has no index.");
    }
    fill_index(queue);
    const std::int64_t mended = mend_entries(queue);
    return fn.ret(mended + add_missing(queue));
}

}  // namespace singularity::queue
