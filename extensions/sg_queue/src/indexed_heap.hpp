// A binary heap of item numbers in an array that somebody else owns, whose items know their positions, so
// that any of them can be removed or moved in O(log n).
//
// `Items` says how items compare and where each keeps its position:
//   bool before(std::uint32_t a, std::uint32_t b) const;     std::uint32_t& position(std::uint32_t item);
// Two heaps that together never hold more items than the array can share it: one grows from its beginning,
// the other, `Side::back`, from its end.
#pragma once

#include <cstdint>
#include <span>
#include <utility>

namespace singularity::queue {

enum class Side { front, back };

template <class Items, Side side = Side::front>
class IndexedHeap {
public:
    IndexedHeap(Items items, std::span<std::uint32_t> array, std::uint32_t& count)
        : items_(items), array_(array), count_(count) {}

    bool empty() const { return count_ == 0; }
    std::uint32_t size() const { return count_; }
    std::uint32_t first() const { return at(0); }

    void insert(std::uint32_t item) {
        const std::uint32_t position = count_++;
        put(position, item);
        rise(position);
    }

    void remove(std::uint32_t item) {
        const std::uint32_t position = items_.position(item);
        const std::uint32_t last = at(--count_);
        if (position == count_) return;
        put(position, last);
        settle(position);
    }

    // To be called when what before() looks at has changed.
    void moved(std::uint32_t item) { settle(items_.position(item)); }

private:
    std::uint32_t& at(std::uint32_t position) const {
        return array_[side == Side::front ? position : array_.size() - 1 - position];
    }

    void put(std::uint32_t position, std::uint32_t item) {
        at(position) = item;
        items_.position(item) = position;
    }

    void settle(std::uint32_t position) {
        if (!rise(position)) sink(position);
    }

    bool rise(std::uint32_t position) {
        const std::uint32_t item = at(position);
        const std::uint32_t start = position;
        while (position > 0) {
            const std::uint32_t parent = (position - 1) / 2;
            if (!items_.before(item, at(parent))) break;
            put(position, at(parent));
            position = parent;
        }
        put(position, item);
        return position != start;
    }

    void sink(std::uint32_t position) {
        const std::uint32_t item = at(position);
        for (;;) {
            std::uint32_t child = 2 * position + 1;
            if (child >= count_) break;
            if (child + 1 < count_ && items_.before(at(child + 1), at(child))) ++child;
            if (!items_.before(at(child), item)) break;
            put(position, at(child));
            position = child;
        }
        put(position, item);
    }

    Items items_;
    std::span<std::uint32_t> array_;
    std::uint32_t& count_;
};

}  // namespace singularity::queue
