#include "extensions/sg_queue/src/block_marks.hpp"

#include <algorithm>

#include "extensions/sg_queue/src/indexed_heap.hpp"

namespace singularity::queue {

MarkArrays MarkArrays::in(void* memory, std::uint32_t capacity) {
    auto* marks = static_cast<BlockMark*>(memory);
    return {.marks{marks, capacity}, .order{reinterpret_cast<std::uint32_t*>(marks + capacity), capacity}};
}

struct BlockMarks::ByOrder {
    std::span<BlockMark> marks;

    bool before(std::uint32_t a, std::uint32_t b) const { return marks[a].order() < marks[b].order(); }
    std::uint32_t& position(std::uint32_t block) const { return marks[block].position; }
};

struct BlockMarks::ByTime {
    std::span<BlockMark> marks;

    bool before(std::uint32_t a, std::uint32_t b) const { return marks[a].due < marks[b].due; }
    std::uint32_t& position(std::uint32_t block) const { return marks[block].position; }
};

auto BlockMarks::ready() {
    return IndexedHeap<ByOrder, Side::front>({arrays_.marks}, arrays_.order, counts_.ready);
}

auto BlockMarks::waiting() {
    return IndexedHeap<ByTime, Side::back>({arrays_.marks}, arrays_.order, counts_.waiting);
}

void BlockMarks::leave(std::uint32_t block) {
    if (arrays_.marks[block].state == MarkState::ready) ready().remove(block);
    if (arrays_.marks[block].state == MarkState::waiting) waiting().remove(block);
    arrays_.marks[block].state = MarkState::none;
}

void BlockMarks::add(Order order, Version version, Time now) {
    const std::uint32_t block = version.place.block;
    BlockMark& mark = arrays_.marks[block];
    const bool only = mark.state == MarkState::none;  // a count of none may be wrong, a mark is not
    leave(block);
    ++mark.count;
    ++mark.added;
    mark.due = only ? version.due : std::min(mark.due, version.due);
    mark.latest = only ? version.due : std::max(mark.latest, version.due);
    mark.first = only ? order.id : std::min(mark.first, order.id);
    mark.priority = only ? order.priority : std::max(mark.priority, order.priority);
    ++counts_.messages;
    const bool due = mark.due <= now;
    mark.state = due ? MarkState::ready : MarkState::waiting;
    if (due) ready().insert(block);
    else waiting().insert(block);
}

void BlockMarks::forget_one(std::uint32_t block) {
    if (!covers(block) || arrays_.marks[block].count == 0) return;
    --arrays_.marks[block].count;
    --counts_.messages;
}

void BlockMarks::drop(std::uint32_t block, std::uint32_t added) {
    BlockMark& mark = arrays_.marks[block];
    const std::uint32_t left = mark.added - added;
    counts_.messages -= std::int64_t{mark.count} - left;
    mark.count = left;
    if (left == 0) leave(block);
}

bool BlockMarks::any_ready(Time now) {
    while (counts_.waiting > 0 && arrays_.marks[arrays_.order.back()].due <= now) {
        const std::uint32_t block = arrays_.order.back();
        waiting().remove(block);
        arrays_.marks[block].state = MarkState::ready;
        ready().insert(block);
    }
    return counts_.ready > 0;
}

std::optional<Time> BlockMarks::next_due() const {
    if (counts_.waiting == 0) return std::nullopt;
    return arrays_.marks[arrays_.order.back()].due;
}

std::optional<std::int64_t> BlockMarks::count_ready(Time now) {
    std::int64_t count = 0;
    if (!any_ready(now)) return count;
    for (const std::uint32_t block : arrays_.order.first(counts_.ready)) {
        if (arrays_.marks[block].latest > now) return std::nullopt;
        count += arrays_.marks[block].count;
    }
    return count;
}

void BlockMarks::move_to(MarkArrays larger) {
    std::ranges::copy(arrays_.marks, larger.marks.begin());
    std::ranges::copy(arrays_.order.first(counts_.ready), larger.order.begin());
    std::ranges::copy(arrays_.order.last(counts_.waiting), larger.order.last(counts_.waiting).begin());
    arrays_ = larger;
    counts_.capacity = static_cast<std::uint32_t>(larger.marks.size());
}

void BlockMarks::clear() {
    std::ranges::fill(arrays_.marks, BlockMark{});
    counts_ = {.capacity = counts_.capacity,
               .ready = 0,
               .waiting = 0,
               .cleared = counts_.cleared + 1,
               .messages = 0};
}

}  // namespace singularity::queue
