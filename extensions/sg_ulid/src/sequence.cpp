#include "extensions/sg_ulid/src/sequence.hpp"

#include "extensions/sg_ulid/src/random.hpp"

namespace singularity::sg_ulid {
namespace {

// Layout 1 of the shared segment. 0 until the first session has begun the sequence.
struct Shared {
    std::atomic<std::uint64_t> last_tick;
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

constexpr char kSegmentName[] = "sg_ulid/sequence/1";

void initialize(void* memory) {
    new (memory) Shared{0};
}

std::atomic<std::uint64_t>& sequence() {
    static Shared* shared = nullptr;
    if (shared == nullptr) {
        bool found = false;
        shared = static_cast<Shared*>(GetNamedDSMSegment(kSegmentName, sizeof(Shared), initialize, &found));
    }
    if (shared->last_tick.load() == 0) {
        std::uint64_t unused = 0;
        shared->last_tick.compare_exchange_strong(unused, algo::first_ulid_state(clock_milliseconds()));
    }
    return shared->last_tick;
}

void wait_for_clock() {
    static std::uint32_t wait_event = 0;
    if (wait_event == 0) wait_event = WaitEventExtensionNew("SgUlidClock");
    (void)WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, 1, wait_event);
    ResetLatch(MyLatch);
    CHECK_FOR_INTERRUPTS();
}

[[noreturn]] void refuse_exhausted() {
    ereport(ERROR, (errcode(ERRCODE_SEQUENCE_GENERATOR_LIMIT_EXCEEDED),
                    errmsg("no monotonic ULID is left after the last one handed out"),
                    errhint("Set the system's clock right and restart the server.")));
    pg_unreachable();
}

}  // namespace

std::uint64_t clock_milliseconds() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const std::int64_t milliseconds = std::chrono::floor<std::chrono::milliseconds>(now).count();
    if (milliseconds < 0 || milliseconds > static_cast<std::int64_t>(algo::kUlidMaxMilliseconds)) {
        ereport(ERROR,
                (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
                 errmsg("the system's clock is out of range for type %s", "ulid"),
                 errdetail("A ULID holds times from 1970-01-01 00:00:00 to 10889-08-02 05:31:50.655 UTC.")));
    }
    return static_cast<std::uint64_t>(milliseconds);
}

std::uint64_t reserve_ticks(std::uint64_t count) {
    using enum algo::UlidReservation::Outcome;
    const auto fresh_counter = std::bit_cast<std::uint16_t>(take_random<2>());
    std::atomic<std::uint64_t>& last = sequence();
    std::uint64_t seen = last.load();
    while (true) {
        const auto reservation = algo::reserve_ulids(seen, clock_milliseconds(), fresh_counter, count);
        switch (reservation.outcome) {
            case granted:
                if (last.compare_exchange_weak(seen, reservation.last)) return reservation.first;
                break;
            case wait:
                wait_for_clock();
                seen = last.load();
                break;
            case exhausted: refuse_exhausted();
        }
    }
}

std::uint64_t last_tick() {
    return sequence().load();
}

bool advance_past(std::uint64_t tick) {
    std::atomic<std::uint64_t>& last = sequence();
    std::uint64_t seen = last.load();
    while (seen < tick) {
        if (last.compare_exchange_weak(seen, tick)) return true;
    }
    return false;
}

}  // namespace singularity::sg_ulid
