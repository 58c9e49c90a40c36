// queue.wait: sleeps until one of several queues has a message, without a transaction that would hold back
// vacuum meanwhile.
#include <deque>

#include "extensions/sg_queue/src/claim.hpp"
#include "extensions/sg_queue/src/elements.hpp"
#include "extensions/sg_queue/src/waiters.hpp"
#include "extensions/sg_queue/src/waiting.hpp"
#include "pgbackend/format.hpp"
#include "pgbackend/spi.hpp"

namespace singularity::queue {

namespace {

constexpr Column kSeen[] = {Column::msg_id};
constexpr Rights kRights{.whole = ACL_NO_RIGHTS, .some = ACL_SELECT, .columns = kSeen};

// A queue whose index is filled, so that whoever sends to it wakes us.
SharedQueue& waited_for(const std::string& name) {
    const OpenQueue queue(name, kRights);
    if (!queue.direct()) {
        throw pg::Failure(ERRCODE_FEATURE_NOT_SUPPORTED, pg::format("nobody can wait for queue \"{}\"", name),
                          "You lack the right to read it, or it is served by SQL, which wakes nobody.",
                          "pgmq.read_with_poll waits for such queues, too: it looks again and again.");
    }
    fill_index(queue);
    return queue.shared();
}

std::vector<std::string> names_from(const pg::FunctionCall& fn) {
    std::vector<std::string> names;
    if (fn.is_null(0)) return names;
    const auto elements = all_elements<std::string_view>(fn, 0);
    for (std::size_t i = 0; i < elements.size(); ++i) {
        if (elements[i]) names.emplace_back(*elements[i]);
    }
    return names;
}

// The first of them to have a message; none by the deadline: their count.
std::size_t wait_for_any(std::span<SharedQueue* const> queues, Time deadline) {
    std::deque<Waiter> waiters;
    for (SharedQueue* queue : queues) waiters.emplace_back(*queue);
    for (;;) {
        Time until = deadline;
        for (std::size_t i = 0; i < waiters.size(); ++i) {
            if (!waiters[i].ready_or_armed(until)) continue;
            waiters[i].keep_wake();
            return i;
        }
        if (GetCurrentTimestamp() >= deadline) return waiters.size();
        sleep_until(until);
    }
}

}  // namespace

SG_FUNCTION(sg_queue_wait) {
    refuse_to_wait_here(fn, "queue.wait");
    const std::vector<std::string> names = names_from(fn);
    const Time deadline = deadline_from(fn, 1);
    std::vector<SharedQueue*> queues;
    queues.reserve(names.size());
    for (const std::string& name : names) queues.push_back(&waited_for(name));
    pg::Spi(pg::Spi::Mode::may_commit).commit();
    const std::size_t woken = wait_for_any(queues, deadline);
    const auto name = woken < names.size() ? std::optional(names[woken]) : std::nullopt;
    return row_of(fn, pg::to_datum(name, CurrentMemoryContext));
}

}  // namespace singularity::queue
