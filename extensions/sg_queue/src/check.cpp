// queue.check: compares a queue's index with its table, and mends what reached the table behind the index's
// back. What changes meanwhile is looked at twice: only what stays different counts.
#include "extensions/sg_queue/src/claim.hpp"
#include "extensions/sg_queue/src/table_scan.hpp"
#include "extensions/sg_queue/src/waiters.hpp"
#include "pgbackend/format.hpp"

namespace singularity::queue {

namespace {

constexpr Column kCompared[] = {Column::msg_id, Column::vt};
constexpr Rights kRights{.whole = ACL_NO_RIGHTS, .some = ACL_SELECT, .columns = kCompared};

// A marked block is read as a whole when its time comes: whatever lies there and is due by then is found.
bool is_known(QueueIndex& index, const Found& row) {
    if (index.slots.find(row.id) != kNoSlot) return true;
    const BlockMark mark = index.marks[row.version.place.block];
    return mark.state != MarkState::none && mark.due <= row.version.due;
}

// A slot of the index that nobody holds, and what it says.
struct Entry {
    std::uint32_t slot;
    MessageId id;
    Version version;
};

bool is_still(const QueueIndex& index, const Entry& entry) {
    if (entry.slot >= index.slots.slots()) return false;  // of an index that was emptied
    const Slot& slot = index.slots[entry.slot];
    return slot.is_idle() && slot.id == entry.id &&
           index.slots.version(entry.slot).place == entry.version.place && slot.due == entry.version.due;
}

std::vector<Entry> idle_entries(SharedQueue& queue) {
    LockedIndex index(queue);
    std::vector<Entry> entries;
    entries.reserve(queue.counts.ready + queue.counts.waiting);
    for (std::uint32_t slot = 0; slot < index->slots.slots(); ++slot) {
        const Entry entry{slot, index->slots[slot].id, index->slots.version(slot)};
        if (is_still(*index, entry)) entries.push_back(entry);
    }
    return entries;
}

// Releases the message with what the table says; false where it has changed meanwhile.
bool correct(SharedQueue& queue, const Entry& entry, const Row& row) {
    LockedIndex index(queue);
    if (!is_still(*index, entry)) return false;
    const Ticket ticket = index->slots.hold(entry.slot);
    if (!row) index->slots.remove(ticket);
    else if (index->slots.release(ticket, row.version, GetCurrentTimestamp())) wake_waiters(queue, 1, false);
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

bool add_if_missing(const OpenQueue& queue, const Found& found) {
    SharedQueue& shared = queue.shared();
    if (LockedIndex index(shared); is_known(*index, found)) return false;
    const Row row = locate(queue, found.id);
    if (!row) return false;
    LockedIndex index(shared);
    if (is_known(*index, {found.id, row.version, found.standing})) return false;
    const Ticket ticket = index.add(found.id, found.standing, row.version.place);
    const Order order{found.standing.priority, found.id};
    if (index->settle(ticket, order, row.version, GetCurrentTimestamp())) wake_waiters(shared, 1, false);
    return true;
}

std::int64_t add_missing(const OpenQueue& queue) {
    std::int64_t added = 0;
    TableScan rows(queue);
    for (auto found = rows.next(); !found.empty(); found = rows.next()) {
        for (const Found& each : found) added += add_if_missing(queue, each);
    }
    return added;
}

std::vector<std::uint32_t> marked_blocks(SharedQueue& queue) {
    LockedIndex index(queue);
    std::vector<std::uint32_t> blocks;
    for (std::uint32_t block = 0; index->marks.covers(block); ++block) {
        if (index->marks[block].state != MarkState::none) blocks.push_back(block);
    }
    return blocks;
}

std::int64_t recount(const OpenQueue& queue) {
    std::int64_t wrong = 0;
    for (const std::uint32_t block : marked_blocks(queue.shared()))
        wrong += recount_marked_block(queue, block);
    return wrong;
}

bool trigger_is_off(const OpenQueue& queue) {
    const TriggerDesc* triggers = queue.relation()->trigdesc;
    if (triggers == nullptr) return false;
    return std::ranges::any_of(std::span(triggers->triggers, static_cast<std::size_t>(triggers->numtriggers)),
                               [](const Trigger& each) {
                                   return std::strcmp(each.tgname, "sg_queue_notice") == 0 &&
                                          each.tgenabled != TRIGGER_FIRES_ALWAYS;
                               });
}

[[noreturn]] void throw_uncheckable(const OpenQueue& queue) {
    const Queue& about = queue.queue();
    if (about.waiting.direct) {
        throw pg::Failure(ERRCODE_INSUFFICIENT_PRIVILEGE,
                          pg::format("permission denied for queue \"{}\"", about.folded_name), {},
                          "Only who may read its table may check it.");
    }
    const std::string table(pg::call(quote_identifier, about.waiting_name.c_str()));
    throw pg::Failure(
        ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
        pg::format("queue \"{}\" is served by SQL and has no index to check", about.folded_name), {},
        trigger_is_off(queue)
            ? pg::format("Its trigger is off: alter table pgmq.{} enable always trigger sg_queue_notice;",
                         table)
            : "Its table is otherwise than pgmq.create makes it.");
}

}  // namespace

SG_FUNCTION(sg_queue_check) {
    begin_call("check");
    const OpenQueue queue(fn.arg<std::string_view>(0), kRights);
    if (!queue.direct()) throw_uncheckable(queue);
    if (IsolationUsesXactSnapshot()) {
        throw pg::Failure(ERRCODE_FEATURE_NOT_SUPPORTED,
                          "queue.check cannot run in a transaction that keeps its snapshot", {},
                          "It would take for wrong what was committed since: call it at read committed.");
    }
    fill_index(queue);
    std::int64_t mended = mend_entries(queue);
    mended += add_missing(queue);
    return fn.ret(mended + recount(queue));
}

}  // namespace singularity::queue
