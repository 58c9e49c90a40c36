// Groups beside a plain list of what they should hold, over random changes and growth.
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "extensions/sg_queue/test/engine/growing_index.hpp"

namespace singularity::queue {

namespace {

struct Member {
    GroupKey key;
    SlotState state;
    Ticket ticket;
};

class GroupIndexTest : public ::testing::Test {
protected:
    void send(MessageId id, GroupKey key) {
        messages[id] = {key, SlotState::fresh, growing.add({0, id}, key)};
    }
    void release(MessageId id, Time due) {
        index.release(messages[id].ticket, {{1, 1}, due}, now);
        messages[id].state = due <= now ? SlotState::ready : SlotState::waiting;
    }
    void take(MessageId id) {
        messages[id].ticket = index.take(index.find(id));
        messages[id].state = SlotState::held;
    }
    void remove(MessageId id) {
        index.remove(messages[id].ticket);
        messages.erase(id);
    }

    // The id of the open group's head that waits longest; -1 for none.
    MessageId expected() const {
        std::map<GroupKey, SlotState> heads;
        for (const auto& [id, member] : messages) {
            if (member.state == SlotState::fresh) continue;
            const bool is_head = heads.emplace(member.key, member.state).second;
            if (is_head && member.state == SlotState::ready) return id;
        }
        return -1;
    }
    MessageId answered() const {
        const std::uint32_t slot = groups().first_open();
        return slot == kNoSlot ? -1 : index[slot].id;
    }
    const GroupIndex& groups() const { return const_cast<ReadyIndex&>(index).groups(); }

    Time now = 1000;
    testing::GrowingIndex growing{testing::GrowingIndex::Groups::kept};
    ReadyIndex& index = growing.index;
    std::map<MessageId, Member> messages;
};

TEST_F(GroupIndexTest, a_claimed_head_closes_its_group) {
    send(1, 7);
    send(2, 7);
    send(3, 8);
    for (const MessageId id : {1, 2, 3}) release(id, 0);
    EXPECT_EQ(answered(), 1);
    take(1);
    EXPECT_EQ(answered(), 3);
    remove(1);
    EXPECT_EQ(answered(), 2);
}

TEST_F(GroupIndexTest, a_message_that_commits_late_takes_its_place) {
    send(1, 7);
    send(2, 7);
    release(2, 0);
    EXPECT_EQ(answered(), 2) << "nobody sees the first yet";
    release(1, 5000);
    EXPECT_EQ(answered(), -1) << "a delayed head closes what is behind it";
    now = 6000;
    index.ready_by(now);
    EXPECT_EQ(answered(), 1);
    EXPECT_EQ(index[groups().behind(groups().first_open())].id, 2);
}

TEST_F(GroupIndexTest, random_changes_leave_the_right_head_first) {
    std::mt19937_64 random(20240517);
    MessageId next = 0;
    for (int step = 0; step < 50'000; ++step) {
        const auto choose = [&](std::uint64_t bound) { return random() % bound; };
        if (messages.size() < 200 && choose(2) == 0) send(++next, choose(20));
        if (messages.empty()) continue;
        const auto any = std::next(messages.begin(), static_cast<std::ptrdiff_t>(choose(messages.size())));
        const MessageId id = any->first;
        const SlotState state = any->second.state;
        if (state == SlotState::fresh || state == SlotState::held) {
            if (choose(3) == 0) remove(id);
            else release(id, choose(3) == 0 ? now + 1'000'000'000 : now);
        } else {
            take(id);
        }
        ASSERT_EQ(answered(), expected()) << "after step " << step;
    }
}

}  // namespace

}  // namespace singularity::queue
