// queue.wait: sleeps until one of several queues has a message, without a transaction that would hold back
// vacuum meanwhile.
#include <deque>

#include "extensions/sg_queue/src/claim.hpp"
#include "extensions/sg_queue/src/elements.hpp"
#include "extensions/sg_queue/src/waiters.hpp"
#include "pgbackend/spi.hpp"

namespace singularity::queue {

namespace {

constexpr Column kSeen[] = {Column::msg_id};
constexpr Rights kRights{.whole = ACL_NO_RIGHTS, .some = ACL_SELECT, .columns = kSeen};

// A queue whose index is filled, so that whoever sends to it wakes us.
SharedQueue& waited_for(const std::string& name) {
    const OpenQueue queue(name, kRights);
    if (!queue.direct()) {
        throw pg::Failure(ERRCODE_FEATURE_NOT_SUPPORTED,
                          std::format("nobody can wait for queue \"{}\"", name),
                          "You lack the right to read it, or it is served by SQL, which wakes nobody.");
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

Time deadline_from(const pg::FunctionCall& fn) {
    const auto seconds = fn.arg<std::optional<double>>(1).value_or(0);
    if (seconds >= 0 && seconds <= 1e9) {
        return GetCurrentTimestamp() + static_cast<Time>(seconds * static_cast<double>(USECS_PER_SEC));
    }
    throw pg::Failure(ERRCODE_INVALID_PARAMETER_VALUE,
                      "timeout must be between 0 and a thousand million seconds");
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

// A procedure's inout arguments are a row.
Datum row_of(const pg::FunctionCall& fn, const std::optional<std::string>& woken) {
    const NullableDatum name = pg::to_datum(woken, CurrentMemoryContext);
    return pg::call([info = fn.info(), name] {
        TupleDesc columns = nullptr;
        get_call_result_type(info, nullptr, &columns);
        return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(columns), &name.value, &name.isnull));
    });
}

}  // namespace

SG_FUNCTION(sg_queue_wait) {
    if (!fn.may_commit()) {
        throw pg::Failure(ERRCODE_INVALID_TRANSACTION_TERMINATION, "queue.wait cannot run in a transaction",
                          {}, "Call it by itself: a transaction that waits would hold back vacuum.");
    }
    pg::call(PreventCommandDuringRecovery, "queue.wait");
    const std::vector<std::string> names = names_from(fn);
    const Time deadline = deadline_from(fn);
    std::vector<SharedQueue*> queues;
    for (const std::string& name : names) queues.push_back(&waited_for(name));
    pg::Spi(pg::Spi::Mode::may_commit).commit();
    const std::size_t woken = wait_for_any(queues, deadline);
    return row_of(fn, woken < names.size() ? std::optional(names[woken]) : std::nullopt);
}

}  // namespace singularity::queue
