// queue.depth: how many messages a queue has, told by its index without a look at the table.
#include "extensions/sg_queue/src/claim.hpp"
#include "extensions/sg_queue/src/fallback.hpp"

namespace singularity::queue {

namespace {

constexpr Column kCounted[] = {Column::msg_id, Column::vt};
constexpr Rights kRights{.whole = ACL_NO_RIGHTS, .some = ACL_SELECT, .columns = kCounted};

struct Depth {
    std::int64_t messages, ready;
};

// As the index has it, and as this transaction has changed it; nullopt where the table must be asked.
std::optional<Depth> indexed_depth(SharedQueue& queue) {
    const Time now = GetCurrentTimestamp();
    LockedIndex index(queue);
    const auto ready = index->marks.count_ready(now);
    const TouchedQueue* mine = touched(queue);
    const bool emptied = mine != nullptr && mine->epoch != queue.epoch;  // and its slots are no more
    if (!queue.filled || !ready || emptied) return std::nullopt;
    Depth depth{.messages = index->marks.messages(), .ready = *ready + index->slots.ready_by(now)};
    depth.messages += std::int64_t{queue.counts.ready} + queue.counts.waiting + queue.counts.held;
    if (mine == nullptr) return depth;
    for (const auto& [id, message] : mine->messages) {
        const bool counted = message.ticket && index->slots[message.ticket.slot].state == SlotState::held;
        depth.messages += std::int64_t{message.version.has_value()} - std::int64_t{counted};
        depth.ready += message.version && message.version->due <= now;
    }
    return depth;
}

}  // namespace

SG_FUNCTION(sg_queue_depth) {
    const OpenQueue queue(fn.arg<std::string_view>(0), kRights, AccessShareLock);
    pg::ResultSet result(fn);
    const bool indexed = queue.direct() && !RecoveryInProgress();
    const auto depth = indexed ? indexed_depth(queue.shared()) : std::nullopt;
    if (depth) {
        result.add(depth->messages, depth->ready);
    } else {
        run_sql(queue,
                "select count(*), count(*) filter (where q.vt <= pg_catalog.clock_timestamp()) from {q} q",
                {}, &fn);
    }
    return fn.nothing();
}

}  // namespace singularity::queue
