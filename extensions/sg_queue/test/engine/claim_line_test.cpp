// The line beside a plain list of messages, over random changes and growth.
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "extensions/sg_queue/test/engine/growing_index.hpp"

namespace singularity::queue {

namespace {

struct Message {
    std::int8_t priority;
    GroupKey group;
    Ticket ticket;
    SlotState state;
    bool claimed = false;

    bool in_flight() const { return claimed && state != SlotState::ready; }
};

class Line {
public:
    explicit Line(const ClaimRules& rules)
        : rules_(rules), growing_(testing::GrowingIndex::Groups::kept, rules) {}

    ReadyIndex& index() { return growing_.index; }
    std::map<MessageId, Message>& messages() { return messages_; }

    void send(MessageId id, std::int8_t priority, GroupKey group) {
        messages_[id] = {priority, group, growing_.add({priority, id}, group), SlotState::fresh};
        if (count(group) == 1) served_[group] = ++claims_;
    }
    void release(MessageId id, Time due, bool claimed) {
        Message& message = messages_.at(id);
        index().release(message.ticket, {.place = {1, 1}, .due = due, .claimed = claimed}, kNow);
        message.state = due <= kNow ? SlotState::ready : SlotState::waiting;
        message.claimed = claimed;
    }
    void take(MessageId id) {
        Message& message = messages_.at(id);
        if (!message.in_flight()) served_[message.group] = ++claims_;
        message.ticket = index().take(index().find(id));
        if (message.state != SlotState::fresh) message.state = SlotState::held;
        message.claimed = true;
    }
    void hold(MessageId id) {
        Message& message = messages_.at(id);
        message.claimed = message.in_flight();
        message.ticket = index().hold(index().find(id));
        message.state = SlotState::held;
    }
    void remove(MessageId id) {
        index().remove(messages_.at(id).ticket);
        messages_.erase(id);
    }

    MessageId answered() {
        const std::uint32_t slot = index().groups().line().first();
        return slot == kNoSlot ? -1 : index()[slot].id;
    }

    // -1: nobody is next.
    MessageId expected() const {
        std::map<GroupKey, std::uint32_t> in_flight;
        std::uint32_t all = 0;
        for (const auto& [id, message] : messages_) {
            in_flight[message.group] += message.in_flight();
            all += message.in_flight();
        }
        if (rules_.most > 0 && all >= rules_.most) return -1;
        MessageId best = -1;
        for (const auto& [id, message] : messages_) {
            if (message.state != SlotState::ready) continue;
            const bool full =
                rules_.most_of_a_group > 0 && in_flight[message.group] >= rules_.most_of_a_group;
            if (!full && (best < 0 || is_before(id, best))) best = id;
        }
        return best;
    }

    static constexpr Time kNow = 1000;

private:
    std::size_t count(GroupKey group) const {
        std::size_t members = 0;
        for (const auto& [id, message] : messages_) members += message.group == group;
        return members;
    }
    bool is_before(MessageId a, MessageId b) const {
        const Message &one = messages_.at(a), &other = messages_.at(b);
        const Order first{one.priority, a}, second{other.priority, b};
        const bool by_turn = rules_.turns && one.priority == other.priority && one.group != other.group;
        return by_turn ? served_.at(one.group) < served_.at(other.group) : first < second;
    }

    ClaimRules rules_;
    testing::GrowingIndex growing_;
    std::map<MessageId, Message> messages_;
    std::map<GroupKey, std::uint64_t> served_;
    std::uint64_t claims_ = 0;
};

class ClaimLineTest : public ::testing::TestWithParam<ClaimRules> {};

TEST_P(ClaimLineTest, random_changes_leave_the_right_message_next) {
    std::mt19937_64 random(20240613);
    const auto choose = [&random](std::uint64_t bound) { return random() % bound; };
    Line line(GetParam());
    MessageId next = 0;
    for (int step = 0; step < 20'000; ++step) {
        if (line.messages().size() < 120 && choose(2) == 0)
            line.send(++next, static_cast<std::int8_t>(choose(2)), choose(12));
        if (line.messages().empty()) continue;
        const auto any =
            std::next(line.messages().begin(), static_cast<std::ptrdiff_t>(choose(line.messages().size())));
        const MessageId id = any->first;
        const SlotState state = any->second.state;
        if (state == SlotState::ready && choose(2) == 0) line.take(id);
        else if (state == SlotState::fresh && choose(4) == 0) line.take(id);
        else if (state == SlotState::ready || state == SlotState::waiting) line.hold(id);
        else if (choose(3) == 0) line.remove(id);
        else line.release(id, choose(3) == 0 ? Line::kNow + 1 : 0, choose(2) == 0);
        ASSERT_EQ(line.answered(), line.expected()) << "after step " << step;
    }
}

INSTANTIATE_TEST_SUITE_P(
    rules, ClaimLineTest,
    ::testing::Values(
        ClaimRules{.turns = true, .in_memory = false, .paused = false, .most = 0, .most_of_a_group = 0},
        ClaimRules{.turns = false, .in_memory = true, .paused = false, .most = 30, .most_of_a_group = 0},
        ClaimRules{.turns = false, .in_memory = false, .paused = false, .most = 0, .most_of_a_group = 3},
        ClaimRules{.turns = true, .in_memory = true, .paused = false, .most = 40, .most_of_a_group = 4}));

}  // namespace

}  // namespace singularity::queue
