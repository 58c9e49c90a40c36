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

void BlockMarks::become_ready(std::uint32_t block) {
    BlockMark& mark = arrays_.marks[block];
    counts_.ready_latest = counts_.ready == 0 ? mark.latest : std::max(counts_.ready_latest, mark.latest);
    counts_.ready_messages += mark.count;
    mark.state = MarkState::ready;
    ready().insert(block);
}

void BlockMarks::leave(std::uint32_t block) {
    BlockMark& mark = arrays_.marks[block];
    if (mark.state == MarkState::ready) {
        ready().remove(block);
        counts_.ready_messages -= mark.count;
    }
    if (mark.state == MarkState::waiting) waiting().remove(block);
    mark.state = MarkState::none;
}

void BlockMarks::count(BlockMark& mark, std::int64_t more) {
    mark.count = static_cast<std::uint32_t>(mark.count + more);
    counts_.messages += more;
    if (mark.state == MarkState::ready) counts_.ready_messages += more;
}

void BlockMarks::add(Order order, Version version, Time now) {
    const std::uint32_t block = version.place.block;
    BlockMark& mark = arrays_.marks[block];
    const bool only = mark.state == MarkState::none;  // a count of none may be wrong, a mark is not
    leave(block);
    count(mark, 1);
    ++mark.added;
    mark.due = only ? version.due : std::min(mark.due, version.due);
    mark.latest = only ? version.due : std::max(mark.latest, version.due);
    mark.first = only ? order.id : std::min(mark.first, order.id);
    mark.priority = only ? order.priority : std::max(mark.priority, order.priority);
    if (mark.due <= now) return become_ready(block);
    mark.state = MarkState::waiting;
    waiting().insert(block);
}

void BlockMarks::forget_one(std::uint32_t block) {
    if (!covers(block) || arrays_.marks[block].count == 0) return;
    count(arrays_.marks[block], -1);
}

bool BlockMarks::correct(std::uint32_t block, std::uint32_t added, std::uint32_t its_count) {
    BlockMark& mark = arrays_.marks[block];
    if (mark.added != added) return false;
    count(mark, std::int64_t{its_count} - mark.count);
    return true;
}

bool BlockMarks::drop(std::uint32_t block, std::uint32_t added) {
    if (!correct(block, added, 0)) return false;
    leave(block);
    return true;
}

bool BlockMarks::any_ready(Time now) {
    while (counts_.waiting > 0 && arrays_.marks[arrays_.order.back()].due <= now) {
        const std::uint32_t block = arrays_.order.back();
        waiting().remove(block);
        become_ready(block);
    }
    return counts_.ready > 0;
}

std::optional<Time> BlockMarks::next_due() const {
    if (counts_.waiting == 0) return std::nullopt;
    return arrays_.marks[arrays_.order.back()].due;
}

std::optional<std::int64_t> BlockMarks::count_ready(Time now) {
    if (!any_ready(now)) return 0;
    if (counts_.ready_latest <= now) return counts_.ready_messages;
    Time latest = arrays_.marks[first_ready()].latest;
    for (const std::uint32_t block : arrays_.order.first(counts_.ready)) {
        latest = std::max(latest, arrays_.marks[block].latest);
        if (latest > now) return std::nullopt;
    }
    counts_.ready_latest = latest;
    return counts_.ready_messages;
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
               .messages = 0,
               .ready_messages = 0,
               .ready_latest = 0};
}

}  // namespace singularity::queue
