// What is remembered of a table's blocks.
#include "extensions/sg_queue/src/block_marks.hpp"

#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace singularity::queue {

namespace {

class BlockMarksTest : public ::testing::Test {
protected:
    BlockMarksTest() { cover(8); }

    void cover(std::uint32_t capacity) {
        std::vector<std::uint64_t> larger(MarkArrays::kBytesPerBlock * capacity / 8 + 1);
        marks.move_to(MarkArrays::in(larger.data(), capacity));
        memory = std::move(larger);
    }
    // What the blocks say one by one.
    std::optional<std::int64_t> counted(Time at) {
        std::int64_t sum = 0;
        marks.any_ready(at);
        for (std::uint32_t block = 0; block < counts.capacity; ++block) {
            if (marks[block].state != MarkState::ready) continue;
            if (marks[block].latest > at) return std::nullopt;
            sum += marks[block].count;
        }
        return sum;
    }
    void add(MessageId id, std::uint32_t block, Time due) { marks.add({0, id}, {{block, 1}, due}, now); }

    Time now = 1000;
    std::vector<std::uint64_t> memory;
    MarkCounts counts{};
    BlockMarks marks{counts, {}};
};

TEST_F(BlockMarksTest, the_block_with_the_first_message_comes_first) {
    add(30, 1, 0);
    add(10, 5, 0);
    add(20, 1, 0);
    ASSERT_TRUE(marks.any_ready(now));
    EXPECT_EQ(marks.first_ready(), 5U);
    marks.drop(5, 1);
    EXPECT_EQ(marks.first_ready(), 1U);
    EXPECT_EQ(marks[1].first, 20);
    EXPECT_EQ(marks.messages(), 2);
}

TEST_F(BlockMarksTest, delayed_messages_are_found_in_time_however_many) {
    cover(4096);
    for (std::uint32_t block = 0; block < 4096; ++block) add(block, block, 2000 + block);
    EXPECT_FALSE(marks.any_ready(now));
    EXPECT_EQ(marks.next_due(), Time{2000});
    EXPECT_TRUE(marks.any_ready(3000));
    EXPECT_EQ(counts.ready, 1001U);
    EXPECT_EQ(marks.next_due(), Time{3001});
}

TEST_F(BlockMarksTest, ready_messages_are_counted_while_no_block_is_mixed) {
    add(1, 1, 0);
    add(2, 1, 0);
    EXPECT_EQ(marks.count_ready(now), 2);
    add(3, 1, 5000);
    EXPECT_EQ(marks.count_ready(now), std::nullopt) << "only the table knows";
    EXPECT_EQ(marks.count_ready(5000), 3);
}

TEST_F(BlockMarksTest, the_count_of_ready_messages_is_that_of_their_blocks_whatever_happens) {
    constexpr std::uint32_t kSeed = 20261127;
    std::mt19937 random(kSeed);  // NOLINT(cert-msc51-cpp)
    const auto below = [&random](std::uint32_t bound) {
        return static_cast<std::uint32_t>(random() % bound);
    };
    for (MessageId id = 1; id <= 50'000; ++id) {
        const std::uint32_t block = below(8);
        switch (below(7)) {
            case 0:
            case 1: add(id, block, below(2) == 0 ? 0 : now + below(50)); break;
            case 2: marks.forget_one(block); break;
            case 3: marks.drop(block, marks[block].added - below(2)); break;
            case 4: marks.correct(block, marks[block].added, marks[block].count + below(2)); break;
            default: now += below(20);
        }
        if (below(1000) == 0) marks.clear();
        ASSERT_EQ(marks.count_ready(now), counted(now)) << "after " << id << " steps";
    }
}

TEST_F(BlockMarksTest, a_block_stays_marked_until_it_is_read) {
    add(1, 2, 0);
    marks.forget_one(2);
    marks.forget_one(2);
    EXPECT_EQ(marks.messages(), 0);
    ASSERT_TRUE(marks.any_ready(now)) << "it may hold what the count does not know";
    add(9, 2, 5000);
    ASSERT_TRUE(marks.any_ready(now)) << "a later message does not make it later";
    marks.drop(2, 2);
    EXPECT_FALSE(marks.any_ready(now));
    add(10, 2, 0);
    marks.drop(2, 3);
    EXPECT_FALSE(marks.any_ready(now));
}

TEST_F(BlockMarksTest, what_comes_while_a_block_is_read_keeps_it_marked) {
    add(1, 2, 0);
    add(2, 2, 0);
    EXPECT_FALSE(marks.drop(2, 1)) << "nobody can tell whether its reader has seen the second";
    EXPECT_TRUE(marks.any_ready(now));
    EXPECT_EQ(marks.messages(), 2);
    EXPECT_TRUE(marks.drop(2, 2));
    EXPECT_EQ(marks.messages(), 0);
}

TEST_F(BlockMarksTest, growth_and_clearing_keep_what_they_should) {
    add(1, 3, 5000);
    add(2, 4, 0);
    cover(64);
    EXPECT_TRUE(marks.any_ready(now));
    EXPECT_EQ(marks.first_ready(), 4U);
    EXPECT_EQ(marks.next_due(), Time{5000});
    marks.clear();
    EXPECT_FALSE(marks.any_ready(9000));
    EXPECT_TRUE(marks.covers(63));
    EXPECT_EQ(marks.messages(), 0);
}

}  // namespace

}  // namespace singularity::queue
