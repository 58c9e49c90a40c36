#include "extensions/sg_queue/src/group_index.hpp"

#include <algorithm>

#include "extensions/sg_queue/src/indexed_heap.hpp"

namespace singularity::queue {

GroupArrays GroupArrays::in(void* memory, std::uint32_t capacity) {
    auto* groups = static_cast<Group*>(memory);
    auto* members = reinterpret_cast<Membership*>(groups + capacity);
    auto* order = reinterpret_cast<std::uint32_t*>(members + capacity);
    return {.groups{groups, capacity},
            .members{members, capacity},
            .order{order, capacity},
            .line{order + capacity, capacity},
            .buckets{order + 2 * std::size_t{capacity}, capacity}};
}

struct GroupIndex::ByHead {
    std::span<Group> groups;
    std::span<Slot> slots;

    MessageId head(std::uint32_t group) const { return slots[groups[group].seen - 1].id; }
    bool before(std::uint32_t a, std::uint32_t b) const { return head(a) < head(b); }
    std::uint32_t& position(std::uint32_t group) const { return groups[group].position; }
};

auto GroupIndex::open() {
    return IndexedHeap<ByHead>({arrays_.groups, slots_}, arrays_.order, counts_->open);
}

std::uint32_t GroupIndex::find_or_make(GroupKey key) {
    for (std::uint32_t next = bucket_of(key); next != 0; next = arrays_.groups[next - 1].next) {
        if (arrays_.groups[next - 1].key == key) return next - 1;
    }
    std::uint32_t group = counts_->touched;
    if (counts_->first_unused == 0) {
        ++counts_->touched;
    } else {
        group = counts_->first_unused - 1;
        counts_->first_unused = arrays_.groups[group].next;
    }
    arrays_.groups[group] = {};
    arrays_.groups[group].key = key;
    arrays_.groups[group].served = ++counts_->claims;  // a new one comes behind those that wait
    arrays_.groups[group].next = bucket_of(key);
    bucket_of(key) = group + 1;
    return group;
}

void GroupIndex::drop(std::uint32_t group) {
    std::uint32_t* link = &bucket_of(arrays_.groups[group].key);
    while (*link != group + 1) link = &arrays_.groups[*link - 1].next;
    *link = arrays_.groups[group].next;
    arrays_.groups[group].next = counts_->first_unused;
    counts_->first_unused = group + 1;
}

// Ids ascend but for transactions that commit in another order: the place is near the end.
void GroupIndex::join(std::uint32_t slot, GroupKey key) {
    if (!on()) return;
    const std::uint32_t number = find_or_make(key);
    Group& group = arrays_.groups[number];
    std::uint32_t previous = group.last;
    while (previous != 0 && slots_[previous - 1].id > slots_[slot].id) {
        previous = arrays_.members[previous - 1].previous;
    }
    std::uint32_t& link = previous == 0 ? group.first : arrays_.members[previous - 1].next;
    arrays_.members[slot] = {
        .group = number + 1, .next = link, .previous = previous, .ready = {}, .phase = Phase::idle};
    (link == 0 ? group.last : arrays_.members[link - 1].previous) = slot + 1;
    link = slot + 1;
    judge(number, seen_with(group, slot));
    line_.changed(slot);
}

void GroupIndex::leave(std::uint32_t slot) {
    if (!on() || arrays_.members[slot].group == 0) return;
    line_.leave(slot);
    const Membership member = arrays_.members[slot];
    Group& group = arrays_.groups[member.group - 1];
    (member.previous == 0 ? group.first : arrays_.members[member.previous - 1].next) = member.next;
    (member.next == 0 ? group.last : arrays_.members[member.next - 1].previous) = member.previous;
    const std::uint32_t seen = group.seen == slot + 1 ? skip_fresh(member.next) : group.seen;
    arrays_.members[slot] = {};
    judge(member.group - 1, seen);
    if (group.first == 0) drop(member.group - 1);
}

void GroupIndex::changed(std::uint32_t slot) {
    if (!on() || arrays_.members[slot].group == 0) return;
    const std::uint32_t number = arrays_.members[slot].group - 1;
    judge(number, seen_with(arrays_.groups[number], slot));
    line_.changed(slot);
}

std::uint32_t GroupIndex::seen_with(const Group& group, std::uint32_t slot) const {
    const bool comes_first = slots_[slot].state != SlotState::fresh &&
                             (group.seen == 0 || slots_[slot].id < slots_[group.seen - 1].id);
    return comes_first ? slot + 1 : group.seen;
}

std::uint32_t GroupIndex::skip_fresh(std::uint32_t link) const {
    while (link != 0 && slots_[link - 1].state == SlotState::fresh) link = arrays_.members[link - 1].next;
    return link;
}

// The group is not among the open ones while what their order goes by changes.
void GroupIndex::judge(std::uint32_t number, std::uint32_t seen) {
    Group& group = arrays_.groups[number];
    const bool is_open = seen != 0 && slots_[seen - 1].state == SlotState::ready;
    if (group.open && is_open && group.seen == seen) return;
    if (group.open) open().remove(number);
    group.open = is_open;
    group.seen = seen;
    if (is_open) open().insert(number);
}

std::uint32_t GroupIndex::first_open() const {
    return counts_->open == 0 ? kNoSlot : arrays_.groups[arrays_.order.front()].seen - 1;
}

std::uint32_t GroupIndex::behind(std::uint32_t slot) const {
    const std::uint32_t next = skip_fresh(arrays_.members[slot].next);
    return next == 0 ? kNoSlot : next - 1;
}

void GroupIndex::move_to(GroupArrays larger, std::span<Slot> slots) {
    slots_ = slots;
    if (larger.groups.empty()) return;
    std::ranges::copy(arrays_.groups.first(counts_->touched), larger.groups.begin());
    std::ranges::copy(arrays_.members, larger.members.begin());
    std::ranges::copy(arrays_.order.first(counts_->open), larger.order.begin());
    line_.move_to(larger, slots);
    const std::span<const std::uint32_t> old_buckets = arrays_.buckets;
    arrays_ = larger;
    for (std::uint32_t head : old_buckets) {
        while (head != 0) {
            Group& group = arrays_.groups[head - 1];
            const std::uint32_t next = group.next;
            group.next = bucket_of(group.key);
            bucket_of(group.key) = head;
            head = next;
        }
    }
}

void GroupIndex::clear() {
    if (!on()) return;
    std::ranges::fill(arrays_.members, Membership{});
    std::ranges::fill(arrays_.buckets, 0U);
    *counts_ = {};
}

}  // namespace singularity::queue
