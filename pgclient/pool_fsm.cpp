#include "pgclient/pool_fsm.hpp"

#include <algorithm>

namespace singularity::pgclient {

namespace {

// Connections opened together shall not end together: a lifetime is up to a tenth shorter than allowed.
constexpr int kLifetimeSpread = 10;

}  // namespace

std::size_t connections_to_start(std::size_t waiting, std::size_t on_their_way, std::size_t free_slots,
                                 bool failing) {
    if (waiting <= on_their_way) return 0;
    const std::size_t wanted = std::min(waiting - on_their_way, free_slots);
    if (!failing) return wanted;
    return on_their_way > 0 ? 0 : std::min<std::size_t>(wanted, 1);
}

PoolFsm::PoolFsm(PoolLimits limits) : limits_(limits), slots_(limits.size), backoff_(limits.backoff) {
    idle_.reserve(limits.size);
}

std::optional<PoolSlot> PoolFsm::take_idle(Time now, PoolActions& actions) {
    if (closed_) return std::nullopt;
    while (!idle_.empty()) {
        const PoolSlot slot = idle_.back();
        idle_.pop_back();
        if (!too_old(slots_[slot], now)) {
            slots_[slot].state = SlotState::leased;
            return slot;
        }
        slots_[slot].state = SlotState::empty;
        actions.push_back({PoolVerb::close, slot});
    }
    return std::nullopt;
}

void PoolFsm::found_closed(PoolSlot slot) {
    slots_[slot].state = SlotState::empty;
}

PoolActions PoolFsm::request(PoolTicket ticket, Time now) {
    PoolActions actions;
    waiting_.push_back(ticket);
    serve(now, actions);
    return actions;
}

PoolActions PoolFsm::withdraw(PoolTicket ticket) {
    std::erase(waiting_, ticket);
    if (!waiting_.empty() || !resting_) return {};
    resting_ = false;
    return {{PoolVerb::stop_rest}};
}

PoolActions PoolFsm::connected(PoolSlot slot, Time now, std::uint64_t random) {
    backoff_.reset();
    not_before_ = {};
    const auto shorter = algo::full_jitter(limits_.max_lifetime / kLifetimeSpread, random);
    slots_[slot].expires = now + limits_.max_lifetime - shorter;
    return returned(slot, Condition::clean, now);
}

PoolActions PoolFsm::connect_failed(PoolSlot slot, Time now, std::uint64_t random) {
    PoolActions actions;
    slots_[slot].state = SlotState::empty;
    not_before_ = now + backoff_.next(random);
    serve(now, actions);
    return actions;
}

PoolActions PoolFsm::returned(PoolSlot slot, Condition condition, Time now) {
    PoolActions actions;
    if (condition == Condition::lost || closed_ || now >= slots_[slot].expires) {
        slots_[slot].state = SlotState::empty;
        actions.push_back({PoolVerb::close, slot});
    } else if (condition == Condition::dirty) {
        slots_[slot].state = SlotState::cleaning;
        actions.push_back({PoolVerb::clean, slot});
    } else {
        slots_[slot].state = SlotState::idle;
        slots_[slot].idle_since = now;
        idle_.push_back(slot);
    }
    drop_old(now, actions);
    serve(now, actions);
    return actions;
}

PoolActions PoolFsm::cleaned(PoolSlot slot, bool ok, Time now) {
    return returned(slot, ok ? Condition::clean : Condition::lost, now);
}

PoolActions PoolFsm::woke(Time now) {
    PoolActions actions;
    resting_ = false;
    serve(now, actions);
    return actions;
}

PoolActions PoolFsm::close() {
    PoolActions actions;
    closed_ = true;
    waiting_.clear();
    for (const PoolSlot slot : idle_) {
        slots_[slot].state = SlotState::empty;
        actions.push_back({PoolVerb::close, slot});
    }
    idle_.clear();
    if (resting_) actions.push_back({PoolVerb::stop_rest});
    resting_ = false;
    return actions;
}

std::size_t PoolFsm::count(SlotState state) const {
    return static_cast<std::size_t>(std::ranges::count(slots_, state, &Entry::state));
}

bool PoolFsm::too_old(const Entry& entry, Time now) const {
    return now >= entry.expires || now - entry.idle_since >= limits_.max_idle;
}

// What a quiet pool doesn't need any more: those at the front have been idle longest.
void PoolFsm::drop_old(Time now, PoolActions& actions) {
    while (!idle_.empty() && too_old(slots_[idle_.front()], now)) {
        slots_[idle_.front()].state = SlotState::empty;
        actions.push_back({PoolVerb::close, idle_.front()});
        idle_.erase(idle_.begin());
    }
}

void PoolFsm::serve(Time now, PoolActions& actions) {
    if (closed_ || waiting_.empty()) return;
    while (!waiting_.empty()) {
        const auto slot = take_idle(now, actions);
        if (!slot) break;
        actions.push_back({PoolVerb::grant, *slot, waiting_.front()});
        waiting_.pop_front();
    }
    start_connections(now, actions);
}

void PoolFsm::start_connections(Time now, PoolActions& actions) {
    const std::size_t on_their_way = count(SlotState::connecting) + count(SlotState::cleaning);
    std::size_t wanted =
        connections_to_start(waiting_.size(), on_their_way, count(SlotState::empty), failures() > 0);
    if (wanted > 0 && now < not_before_) {
        if (resting_) return;
        resting_ = true;
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(not_before_ - now);
        actions.push_back({PoolVerb::rest, 0, 0, left});
        return;
    }
    for (PoolSlot slot = 0; slot < slots_.size() && wanted > 0; ++slot) {
        if (slots_[slot].state != SlotState::empty) continue;
        slots_[slot].state = SlotState::connecting;
        actions.push_back({PoolVerb::connect, slot});
        --wanted;
    }
}

}  // namespace singularity::pgclient
