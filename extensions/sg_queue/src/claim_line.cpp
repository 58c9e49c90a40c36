#include "extensions/sg_queue/src/claim_line.hpp"

#include <algorithm>

#include "extensions/sg_queue/src/indexed_heap.hpp"

namespace singularity::queue {

struct ClaimLine::ByOrder {
    std::span<Slot> slots;
    std::span<Membership> members;

    bool before(std::uint32_t a, std::uint32_t b) const { return slots[a].order() < slots[b].order(); }
    HeapLinks& links(std::uint32_t slot) const { return members[slot].ready; }
};

struct ClaimLine::ByTurn {
    std::span<Group> groups;
    std::span<Slot> slots;
    bool turns;

    bool before(std::uint32_t a, std::uint32_t b) const {
        const Order first = slots[groups[a].best - 1].order(), second = slots[groups[b].best - 1].order();
        if (!turns || first.priority != second.priority) return first < second;
        return groups[a].served < groups[b].served;
    }
    std::uint32_t& position(std::uint32_t group) const { return groups[group].place; }
};

auto ClaimLine::ready_of(Group& group) {
    return PairingHeap<ByOrder>({slots_, arrays_.members}, group.best);
}

auto ClaimLine::line() {
    return IndexedHeap<ByTurn>({arrays_.groups, slots_, rules_.turns}, arrays_.line, counts_->in_line);
}

void ClaimLine::changed(std::uint32_t slot) {
    if (!on()) return;
    const Slot& message = slots_[slot];
    enter_phase(slot, message.state == SlotState::ready ? Phase::ready
                      : message.in_flight()             ? Phase::in_flight
                                                        : Phase::idle);
}

void ClaimLine::leave(std::uint32_t slot) {
    if (on()) enter_phase(slot, Phase::idle);
}

// The group leaves the line while what the line goes by changes.
void ClaimLine::enter_phase(std::uint32_t slot, Phase phase) {
    Membership& member = arrays_.members[slot];
    if (member.phase == phase) return;
    const std::uint32_t number = member.group - 1;
    Group& group = arrays_.groups[number];
    if (group.in_line) line().remove(number);
    group.in_line = false;
    if (member.phase == Phase::ready) ready_of(group).remove(slot);
    if (member.phase == Phase::in_flight) --group.in_flight, --counts_->in_flight;
    const bool claimed = phase == Phase::in_flight && slots_[slot].state != SlotState::waiting;
    if (claimed) group.served = ++counts_->claims;
    if (phase == Phase::ready) ready_of(group).insert(slot);
    if (phase == Phase::in_flight) ++group.in_flight, ++counts_->in_flight;
    member.phase = phase;
    judge(number);
}

void ClaimLine::judge(std::uint32_t number) {
    Group& group = arrays_.groups[number];
    group.in_line = group.best != 0 && !is_full(group);
    if (group.in_line) line().insert(number);
}

std::uint32_t ClaimLine::first() const {
    if (is_full() || counts_->in_line == 0) return kNoSlot;
    return arrays_.groups[arrays_.line.front()].best - 1;
}

bool ClaimLine::allows(std::uint32_t slot) const {
    return !on() || (!is_full() && !is_full(arrays_.groups[arrays_.members[slot].group - 1]));
}

// After the groups and their members were moved.
void ClaimLine::move_to(GroupArrays larger, std::span<Slot> slots) {
    std::ranges::copy(arrays_.line.first(counts_->in_line), larger.line.begin());
    arrays_ = larger;
    slots_ = slots;
}

}  // namespace singularity::queue
