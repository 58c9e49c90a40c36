#include "extensions/sg_queue/src/waiters.hpp"

namespace singularity::queue {

namespace {

constexpr Time kPromise = 100'000;  // µs in which who was woken comes for his message

Waiter* innermost = nullptr;  // of this session's waiters

WaiterNode& node_at(dsa_pointer address) {
    return *static_cast<WaiterNode*>(shared_memory(address));
}

void unlink(SharedQueue& queue, WaiterNode& node) noexcept {
    (DsaPointerIsValid(node.previous) ? node_at(node.previous).next : queue.first_waiter) = node.next;
    (DsaPointerIsValid(node.next) ? node_at(node.next).previous : queue.last_waiter) = node.previous;
    node.linked = false;
}

void link_last(SharedQueue& queue, dsa_pointer address) noexcept {
    WaiterNode& node = node_at(address);
    node.next = InvalidDsaPointer;
    node.previous = queue.last_waiter;
    (DsaPointerIsValid(queue.last_waiter) ? node_at(queue.last_waiter).next : queue.first_waiter) = address;
    queue.last_waiter = address;
    node.linked = true;
}

void set_latch(const WaiterNode& node) noexcept {
    SetLatch(&GetPGProcByNumber(node.process)->procLatch);
}

std::uint32_t promised(const SharedQueue& queue, Time now) noexcept {
    return now < queue.promised_until ? queue.promised : 0;
}

void promise_one(SharedQueue& queue, Time now) noexcept {
    queue.promised = promised(queue, now) + 1;
    queue.promised_until = now + kPromise;
}

// Whether there is more than those have been woken for who are on their way.
bool has_unpromised(const SharedQueue& queue, QueueIndex& index, Time now) noexcept {
    return index.marks.any_ready(now) || index.slots.ready_by(now) > promised(queue, now);
}

std::uint32_t wait_event() {
    static const std::uint32_t event = pg::call(WaitEventExtensionNew, "QueueRead");
    return event;
}

}  // namespace

void wake_waiters(SharedQueue& queue, std::uint32_t count, bool clock_changed) noexcept {
    for (; count > 0 && DsaPointerIsValid(queue.first_waiter); --count) {
        WaiterNode& first = node_at(queue.first_waiter);
        unlink(queue, first);
        set_latch(first);
        promise_one(queue, GetCurrentTimestamp());
        clock_changed = true;  // the next one keeps the clock
    }
    if (clock_changed && DsaPointerIsValid(queue.first_waiter)) set_latch(node_at(queue.first_waiter));
}

void note_taken(SharedQueue& queue, std::size_t count) noexcept {
    queue.promised -= std::min<std::uint32_t>(queue.promised, static_cast<std::uint32_t>(count));
}

void leave_all_queues() {
    for (; innermost != nullptr; innermost = innermost->outer_) {
        innermost->leave();
        dsa_free(shared_area(), innermost->address_);
    }
}

Waiter::Waiter(SharedQueue& queue)
    : queue_(queue),
      address_(pg::call(dsa_allocate_extended, shared_area(), sizeof(WaiterNode), DSA_ALLOC_ZERO)),
      node_(node_at(address_)),
      outer_(innermost) {
    static const bool registered = [] {
        before_shmem_exit([](int, Datum) { leave_all_queues(); }, Datum{0});
        return true;
    }();
    static_cast<void>(registered);
    node_.process = MyProcNumber;
    innermost = this;
}

Waiter::~Waiter() {
    leave();
    Waiter** link = &innermost;
    while (*link != this) link = &(*link)->outer_;
    *link = outer_;
    dsa_free(shared_area(), address_);
}

void Waiter::leave() noexcept {
    LWLockAcquire(queue_.lock.get(), LW_EXCLUSIVE);
    const bool kept_clock = node_.linked && queue_.first_waiter == address_;
    const bool was_woken = entered_ && !node_.linked;
    if (node_.linked) unlink(queue_, node_);
    const bool more =
        was_woken && LockedIndex::map(queue_).slots.ready_by(GetCurrentTimestamp()) > passes_on_after_;
    wake_waiters(queue_, more ? 1 : 0, kept_clock);
    LWLockRelease(queue_.lock.get());
}

bool Waiter::ready_or_armed(Time& deadline) {
    const pg::LockGuard guard(queue_.lock);
    QueueIndex index = LockedIndex::map(queue_);
    const bool keeps_clock = entered_ && node_.linked;  // and was not woken for a message
    if (!node_.linked) link_last(queue_, address_);
    entered_ = true;
    if (index.paused) return false;  // whoever ends that wakes us
    if (!queue_.filled) return true;
    const Time now = GetCurrentTimestamp();
    const bool ready = index.any_ready(now);
    if (ready && (!keeps_clock || has_unpromised(queue_, index, now))) {
        if (keeps_clock) promise_one(queue_, now);
        return true;
    }
    if (queue_.first_waiter != address_) return false;
    if (ready) deadline = std::min(deadline, queue_.promised_until);
    if (const auto next = index.next_due()) deadline = std::min(deadline, *next);
    return false;
}

void sleep_until(Time deadline) {
    const long milliseconds = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), deadline);
    pg::call([milliseconds, event = wait_event()] {
        static_cast<void>(
            WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, milliseconds, event));
        ResetLatch(MyLatch);
        CHECK_FOR_INTERRUPTS();
    });
}

}  // namespace singularity::queue
