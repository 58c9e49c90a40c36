// Bells: whoever rings one wakes, at the commit, all who wait for it. For what is no message: a row that was
// written, a state that has changed.
//
// A bell is a counter of rings in shared memory, found by a hash of its name: bells that collide ring each
// other, so that a waiter has to look anyway. Nothing is made when a bell is used, and nothing is left.
#include "extensions/sg_queue/src/waiting.hpp"
#include "pgbackend/spi.hpp"

extern "C" {
#include "common/hashfn.h"
#include "storage/condition_variable.h"
}

namespace singularity::queue {

namespace {

constexpr std::size_t kBells = 1024;

struct Bell {
    Bell() noexcept {
        ConditionVariableInit(&waiters);
        pg_atomic_init_u64(&rings, 0);
    }
    std::int64_t heard() { return static_cast<std::int64_t>(pg_atomic_read_u64(&rings)); }

    ConditionVariable waiters;
    pg_atomic_uint64 rings;
};
using Bells = std::array<Bell, kBells>;

Bells& bells() {
    static Bells& shared = pg::shared_segment<Bells>("sg_queue/bells/1");
    return shared;
}

std::size_t number_of(const pg::FunctionCall& fn) {
    const auto name = fn.arg<std::string_view>(0);
    return hash_bytes_extended(reinterpret_cast<const unsigned char*>(name.data()),
                               static_cast<int>(name.size()), MyDatabaseId) %
           kBells;
}

// Those that this transaction will ring, each with the level of the savepoint that it belongs to; 0: not.
std::array<int, kBells> levels;

void drop_from(int level) {
    for (int& each : levels) each = each >= level ? 0 : each;
}

void ring_all() noexcept {
    for (std::size_t number = 0; number < kBells; ++number) {
        if (levels[number] == 0) continue;
        Bell& bell = bells()[number];
        pg_atomic_fetch_add_u64(&bell.rings, 1);
        ConditionVariableBroadcast(&bell.waiters);
    }
}

bool any_pending = false;

void at_end(XactEvent event, void*) {
    if (!any_pending) return;
    switch (event) {
        case XACT_EVENT_PRE_PREPARE:
            ereport(ERROR, errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                    errmsg("cannot PREPARE a transaction that rings bells"));
            break;
        case XACT_EVENT_COMMIT: ring_all(); [[fallthrough]];
        case XACT_EVENT_ABORT:
            levels.fill(0);
            any_pending = false;
            break;
        default: break;
    }
}

void at_savepoint(SubXactEvent event, SubTransactionId, SubTransactionId, void*) {
    if (!any_pending) return;
    const int level = GetCurrentTransactionNestLevel();
    if (event == SUBXACT_EVENT_ABORT_SUB) drop_from(level);
    if (event == SUBXACT_EVENT_COMMIT_SUB) {
        for (int& each : levels) each = std::min(each, level - 1);
    }
}

void hear_of_ends() {
    static const bool registered = [] {
        pg::call([] {
            RegisterXactCallback(at_end, nullptr);
            RegisterSubXactCallback(at_savepoint, nullptr);
        });
        return true;
    }();
    static_cast<void>(registered);
}

// Once we are among the sleepers no ring is missed, so the counter is looked at after that.
bool rings_before(Time deadline, Bell& bell, std::int64_t heard) {
    static const std::uint32_t event = pg::call(WaitEventExtensionNew, "QueueBell");
    return pg::call([deadline, &bell, heard] {
        ConditionVariablePrepareToSleep(&bell.waiters);
        while (bell.heard() == heard) {
            const long left = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), deadline);
            if (left <= 0) break;
            ConditionVariableTimedSleep(&bell.waiters, left, event);
        }
        ConditionVariableCancelSleep();
        return bell.heard() != heard;
    });
}

}  // namespace

SG_FUNCTION(sg_queue_ring) {
    pg::call(PreventCommandDuringRecovery, "queue.ring");
    const std::size_t number = number_of(fn);
    bells();  // nothing may fail at the commit
    hear_of_ends();
    if (levels[number] == 0) levels[number] = GetCurrentTransactionNestLevel();
    any_pending = true;
    return fn.nothing();
}

SG_FUNCTION(sg_queue_bell) {
    return fn.ret(bells()[number_of(fn)].heard());
}

SG_FUNCTION(sg_queue_wait_for_bell) {
    refuse_to_wait_here(fn, "queue.wait_for_bell");
    Bell& bell = bells()[number_of(fn)];
    const auto heard = fn.arg<std::int64_t>(1);
    const Time deadline = deadline_from(fn, 2);
    pg::Spi(pg::Spi::Mode::may_commit).commit();
    const bool rung = rings_before(deadline, bell, heard);
    return row_of(fn, {.value = BoolGetDatum(rung), .isnull = false});
}

}  // namespace singularity::queue
