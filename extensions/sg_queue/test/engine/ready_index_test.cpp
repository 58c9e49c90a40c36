// The index beside a plain list of what it should hold, over random changes and growth.
#include <algorithm>
#include <map>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "extensions/sg_queue/test/engine/growing_index.hpp"

namespace singularity::queue {

namespace {

class ReadyIndexTest : public ::testing::Test {
protected:
    Ticket add(MessageId id, std::int8_t priority = 0) { return growing.add({priority, id}); }

    void add_due(MessageId id, Time due, std::int8_t priority = 0) {
        index.release(add(id, priority), {{1, 1}, due}, now);
    }

    std::vector<MessageId> take_all() {
        std::vector<MessageId> taken;
        index.ready_by(now);
        for (auto slot = index.first_ready(); slot != kNoSlot; slot = index.first_ready()) {
            taken.push_back(index[slot].id);
            index.take(slot);
        }
        return taken;
    }

    Time now = 1000;
    testing::GrowingIndex growing;
    ReadyIndex& index = growing.index;
};

struct Expected {
    enum { held, released } state = held;
    Time due = 0;
    std::int8_t priority = 0;
    Place place;
    Ticket ticket;
};

// What the index should answer, in the plainest form.
class Model {
public:
    std::map<MessageId, Expected> messages;

    std::optional<MessageId> first_ready(Time now) const {
        const std::pair<const MessageId, Expected>* best = nullptr;
        for (const auto& each : messages) {
            const bool ready = each.second.state == Expected::released && each.second.due <= now;
            if (ready && (best == nullptr || each.second.priority > best->second.priority)) best = &each;
        }
        return best == nullptr ? std::nullopt : std::optional(best->first);
    }

    std::size_t ready(Time now) const {
        return static_cast<std::size_t>(std::ranges::count_if(messages, [now](const auto& each) {
            return each.second.state == Expected::released && each.second.due <= now;
        }));
    }

    std::optional<Time> next_due(Time now) const {
        std::optional<Time> next;
        for (const auto& [id, message] : messages) {
            if (message.state != Expected::released || message.due <= now) continue;
            next = std::min(next.value_or(message.due), message.due);
        }
        return next;
    }
};

}  // namespace

TEST_F(ReadyIndexTest, offers_nothing_before_it_has_arrays) {
    EXPECT_TRUE(index.full());
    EXPECT_EQ(index.find(1), kNoSlot);
    EXPECT_EQ(index.ready_by(now), 0U);
    EXPECT_EQ(index.first_ready(), kNoSlot);
    EXPECT_EQ(index.next_due(), std::nullopt);
}

TEST_F(ReadyIndexTest, does_not_offer_what_is_not_released) {
    const Ticket ticket = add(1);
    EXPECT_EQ(index.ready_by(now), 0U);
    EXPECT_TRUE(index.release(ticket, {{1, 1}, now}, now));
    EXPECT_EQ(index.ready_by(now), 1U);
}

TEST_F(ReadyIndexTest, offers_by_priority_then_by_id) {
    add_due(5, 1, 0);
    add_due(3, 900, 0);
    add_due(9, 999, 7);
    add_due(4, 500, -7);
    EXPECT_EQ(take_all(), (std::vector<MessageId>{9, 3, 5, 4}));
}

TEST_F(ReadyIndexTest, offers_a_delayed_message_at_its_time_and_not_before) {
    add_due(1, now + 10);
    EXPECT_EQ(index.next_due(), now + 10);
    EXPECT_EQ(index.ready_by(now + 9), 0U);
    EXPECT_EQ(index.ready_by(now + 10), 1U);
    EXPECT_EQ(index.next_due(), std::nullopt);
}

TEST_F(ReadyIndexTest, ignores_a_ticket_that_was_overtaken) {
    const Ticket old = add(1);
    const Ticket newer = index.take(index.find(1));
    EXPECT_FALSE(index.is_held_by(old));
    EXPECT_FALSE(index.release(old, {{9, 9}, 0}, now));
    index.remove(old);
    ASSERT_NE(index.find(1), kNoSlot);
    EXPECT_TRUE(index.release(newer, {{2, 2}, 0}, now));
    EXPECT_EQ(index.version(index.find(1)).place, (Place{2, 2}));
}

TEST_F(ReadyIndexTest, ignores_a_ticket_whose_slot_serves_another_message) {
    const Ticket old = add(1);
    index.remove(old);
    const Ticket reused = add(2);
    ASSERT_EQ(reused.slot, old.slot);
    index.remove(old);
    EXPECT_FALSE(index.release(old, {{9, 9}, 0}, now));
    EXPECT_NE(index.find(2), kNoSlot);
    EXPECT_TRUE(index.is_held_by(reused));
}

TEST_F(ReadyIndexTest, a_ticket_serves_once) {
    const Ticket ticket = add(1);
    EXPECT_TRUE(index.release(ticket, {{1, 1}, 0}, now));
    EXPECT_FALSE(index.release(ticket, {{2, 2}, now + 5}, now));
    index.remove(ticket);
    EXPECT_EQ(index.ready_by(now), 1U);
}

TEST_F(ReadyIndexTest, keeps_everything_while_it_grows) {
    std::vector<Ticket> held;
    for (MessageId id = 1; id <= 1000; ++id) {
        if (id % 3 == 0) held.push_back(add(id));
        else add_due(id, id % 3 == 1 ? 0 : now + id);
    }
    EXPECT_EQ(index.ready_by(now), 334U);
    for (MessageId id = 1; id <= 1000; ++id) EXPECT_NE(index.find(id), kNoSlot) << id;
    for (const Ticket ticket : held) EXPECT_TRUE(index.is_held_by(ticket));
    EXPECT_EQ(index.next_due(), now + 2);
}

TEST_F(ReadyIndexTest, answers_as_a_plain_list_does) {
    const auto seed = static_cast<std::uint32_t>(std::random_device()());
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const auto below = [&random](std::int64_t limit) {
        return std::uniform_int_distribution<std::int64_t>(0, limit - 1)(random);
    };
    Model model;
    std::vector<Ticket> used;  // each was released, removed or overtaken
    for (int step = 0; step < 200'000; ++step) {
        now += below(3);
        const MessageId id = below(step % 50'000 < 25'000 ? 300 : 40) + 1;
        const auto known = model.messages.find(id);
        const auto priority = static_cast<std::int8_t>(below(3) - 1);
        if (known == model.messages.end()) {
            ASSERT_EQ(index.find(id), kNoSlot);
            model.messages[id] = {.priority = priority, .place = {}, .ticket = add(id, priority)};
        } else if (const auto action = below(10); known->second.state == Expected::held && action < 6) {
            const Version version{{static_cast<std::uint32_t>(below(99)), 1}, now + below(100) - 50};
            const Ticket ticket = known->second.ticket;
            used.push_back(ticket);
            ASSERT_EQ(index.release(ticket, version, now), version.due <= now);
            known->second.state = Expected::released;
            known->second.due = version.due;
            known->second.place = version.place;
        } else if (known->second.state == Expected::held && action < 9) {
            used.push_back(known->second.ticket);
            index.remove(known->second.ticket);
            model.messages.erase(known);
        } else {
            if (known->second.state == Expected::held) used.push_back(known->second.ticket);
            else ASSERT_EQ(index.version(index.find(id)).place, known->second.place);
            known->second.ticket = index.take(index.find(id));
            known->second.state = Expected::held;
        }
        if (!used.empty()) {
            const Ticket old = used[static_cast<std::size_t>(below(static_cast<std::int64_t>(used.size())))];
            ASSERT_FALSE(index.is_held_by(old));
            index.remove(old);
            ASSERT_FALSE(index.release(old, {{}, 0}, now));
        }
        ASSERT_EQ(index.ready_by(now), model.ready(now));
        ASSERT_EQ(index.next_due(), model.next_due(now));
        const auto first = model.first_ready(now);
        ASSERT_EQ(index.first_ready() == kNoSlot, !first);
        if (first) {
            ASSERT_EQ(index[index.first_ready()].id, *first);
        }
    }
}

}  // namespace singularity::queue
