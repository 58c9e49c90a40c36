// The messages beyond an index's bound, remembered a block of the table at a time: how many lie there, which
// is the first, when the next of them is due. A reader who comes to a block reads it and gives its messages
// slots.
//
// So a queue of any length costs forty bytes a block. Marks are a hint as slots are: a block may hold less
// than its mark says, never a message that neither a slot nor a mark tells of. Allocates nothing, throws
// nothing.
#pragma once

#include <optional>
#include <span>

#include "extensions/sg_queue/src/message.hpp"

namespace singularity::queue {

enum class MarkState : std::uint8_t { none, waiting, ready };

struct BlockMark {
    Time due, latest;  // when the first and the last of its messages become visible
    MessageId first;   // the least id
    std::uint32_t count;
    std::uint32_t added;     // how many were ever added, to tell what came while the block was read
    std::uint32_t position;  // in its heap
    MarkState state;
    std::int8_t priority;  // the highest

    Order order() const { return {priority, first}; }
};

// All zeros is no marks and no room for any.
struct MarkCounts {
    std::uint32_t capacity;  // blocks that can be marked: those below
    std::uint32_t ready, waiting;
    std::uint32_t cleared;                  // how often
    std::int64_t messages, ready_messages;  // in all blocks, and in ready ones
    Time ready_latest;                      // no message in a ready block is due later
};

struct MarkArrays {
    std::span<BlockMark> marks;
    std::span<std::uint32_t> order;  // both heaps

    static constexpr std::size_t kBytesPerBlock = sizeof(BlockMark) + sizeof(std::uint32_t);
    static MarkArrays in(void* memory, std::uint32_t capacity);
};

class BlockMarks {
public:
    BlockMarks(MarkCounts& counts, MarkArrays arrays) : counts_(counts), arrays_(arrays) {}

    bool covers(std::uint32_t block) const { return block < counts_.capacity; }
    std::int64_t messages() const { return counts_.messages; }
    std::uint32_t cleared() const { return counts_.cleared; }
    BlockMark operator[](std::uint32_t block) const {
        return covers(block) ? arrays_.marks[block] : BlockMark{};
    }

    // One more message; its block must be covered.
    void add(Order order, Version version, Time now);
    // One less: it has a slot now, or is gone. The block stays marked until it is read.
    void forget_one(std::uint32_t block);
    // The block was read when so many had been added; false where more were since, and it stays as it is.
    bool drop(std::uint32_t block, std::uint32_t added);
    // The same, of a count that was found wrong.
    bool correct(std::uint32_t block, std::uint32_t added, std::uint32_t its_count);

    // Whether a block holds messages that are due.
    bool any_ready(Time now);
    // The one of them that comes first, or would if its first message had its highest priority.
    std::uint32_t first_ready() const { return arrays_.order.front(); }
    std::optional<Time> next_due() const;
    // How many messages are due; nullopt where only the table knows. Looks at the blocks only where one that
    // is or was ready had messages due later.
    std::optional<std::int64_t> count_ready(Time now);

    void move_to(MarkArrays larger);
    void clear();

private:
    struct ByOrder;
    struct ByTime;
    auto ready();
    auto waiting();
    void become_ready(std::uint32_t block);
    void leave(std::uint32_t block);
    void count(BlockMark& mark, std::int64_t more);

    MarkCounts& counts_;
    MarkArrays arrays_;
};

}  // namespace singularity::queue
