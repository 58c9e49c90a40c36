// A pairing heap of item numbers whose links lie in an array that somebody else owns: a heap for each of many
// groups, none of which needs room of its own. Fredman, Sedgewick, Sleator and Tarjan, The pairing heap: a
// new form of self-adjusting heap, 1986. Inserting is O(1), removing O(log n) amortised.
//
// `Items` says how items compare and where each keeps its links:
//   bool before(std::uint32_t a, std::uint32_t b) const;     HeapLinks& links(std::uint32_t item) const;
// A root, and a link, is an item + 1; 0 is none.
#pragma once

#include <cstdint>
#include <utility>

namespace singularity::queue {

struct HeapLinks {
    std::uint32_t child, next;  // its first child; the next child of its parent
    std::uint32_t previous;     // the child before it, or its parent
};

template <class Items>
class PairingHeap {
public:
    PairingHeap(Items items, std::uint32_t& root) : items_(items), root_(root) {}

    void insert(std::uint32_t item) {
        links(item + 1) = {};
        root_ = meld(root_, item + 1);
    }

    void remove(std::uint32_t item) {
        const HeapLinks removed = links(item + 1);
        const std::uint32_t below = meld_children(removed.child);
        if (root_ == item + 1) {
            root_ = below;
            return;
        }
        HeapLinks& before = links(removed.previous);
        (before.child == item + 1 ? before.child : before.next) = removed.next;
        if (removed.next != 0) links(removed.next).previous = removed.previous;
        root_ = meld(root_, below);
    }

private:
    HeapLinks& links(std::uint32_t link) const { return items_.links(link - 1); }

    std::uint32_t meld(std::uint32_t a, std::uint32_t b) const {
        if (a == 0 || b == 0) return a + b;
        if (items_.before(b - 1, a - 1)) std::swap(a, b);
        links(b).next = links(a).child;
        links(b).previous = a;
        if (links(a).child != 0) links(links(a).child).previous = b;
        links(a).child = b;
        return a;
    }

    // Two by two from the left, then all from the right.
    std::uint32_t meld_children(std::uint32_t child) const {
        std::uint32_t pairs = 0;
        while (child != 0) {
            const std::uint32_t first = child, second = links(first).next;
            child = second == 0 ? 0 : links(second).next;
            links(first).next = links(first).previous = 0;
            if (second != 0) links(second).next = links(second).previous = 0;
            const std::uint32_t pair = meld(first, second);
            links(pair).next = pairs;
            pairs = pair;
        }
        std::uint32_t root = 0;
        while (pairs != 0) {
            const std::uint32_t pair = std::exchange(pairs, links(pairs).next);
            links(pair).next = 0;
            root = meld(root, pair);
        }
        return root;
    }

    Items items_;
    std::uint32_t& root_;
};

}  // namespace singularity::queue
