// What the functions that read have in common: their arguments, and waiting for more.
#pragma once

#include "extensions/sg_queue/src/fallback.hpp"
#include "extensions/sg_queue/src/message_record.hpp"
#include "extensions/sg_queue/src/transaction.hpp"
#include "extensions/sg_queue/src/waiters.hpp"

namespace singularity::queue {

constexpr Column kClaimed[] = {Column::vt, Column::read_ct, Column::last_read_at};
constexpr Rights kReadRights{.whole = ACL_SELECT, .some = ACL_UPDATE, .columns = kClaimed};

// SQL's LIMIT: null is all, negative refused (2201W).
std::uint64_t limit_from(const pg::FunctionCall& fn, int argument);
SqlArgument sql_limit(std::uint64_t limit);
// How long a message is hidden; null is refused (23502).
std::int64_t seconds_from(const pg::FunctionCall& fn, int argument);
// Null where every message fits.
Jsonb* conditional_from(const pg::FunctionCall& fn, int argument);

// How a read went: what it found, and whether waiting for a wake is enough to hear of more.
struct Reading {
    std::uint64_t found = 0;
    bool wakes = true;
};

// Until when a reader polls, and microseconds between two looks where no wake would come.
struct Polling {
    Time deadline, interval;
};
Polling polling_from(const pg::FunctionCall& fn, int seconds, int milliseconds);

// Waits for a wake where that is enough, else for the interval, and in no case past the deadline.
void wait_for_more(Waiter* waiter, const Polling& polling);

// Calls `read`, which is given the open queue, until it finds something or the deadline has passed.
template <class Read>
void read_until_found(const char* function, std::string_view name, const Polling& polling, Read read) {
    std::optional<Waiter> waiter;
    for (;;) {
        begin_call(function);
        const OpenQueue queue(name, kReadRights);
        const Reading reading = read(queue);
        if (reading.found > 0 || GetCurrentTimestamp() >= polling.deadline) return;
        if (!reading.wakes) waiter.reset();  // a wake that it had is another's
        else if (!waiter) waiter.emplace(queue.shared());
        wait_for_more(reading.wakes ? &*waiter : nullptr, polling);
    }
}

}  // namespace singularity::queue
