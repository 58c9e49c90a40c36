// A round of random operations by several sessions, one at a time in a random order, each answer compared
// with the model's. A statement that must wait for another session's lock is left waiting while the others go
// on.
#pragma once

#include <deque>
#include <random>

#include "extensions/sg_queue/test/engine/model/player.hpp"

namespace singularity::queue::testing {

class InterleavedRound {
public:
    InterleavedRound(const std::string& dsn, std::uint64_t seed, int sessions);

    // Throws std::runtime_error at the first difference.
    void play(int operations);
    // Ends all transactions, waits until everything is due, and reads the queue to its end.
    void drain();

    // The last operations with their answers, oldest first.
    const std::deque<std::string>& history() const { return history_; }

private:
    struct Timed {
        Answer answer;
        Micros started, ended;
    };

    int below(int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(random_); }
    bool one_in(int n) { return below(n) == 0; }
    void remember(const std::string& line);
    [[noreturn]] void fail(const std::string& what) const;
    void expect(bool holds, const std::string& what) const {
        if (!holds) fail(what);
    }

    Timed run(Player& player, const std::string& sql);
    // Of what may run into a conflict; false where it did and the transaction has failed.
    bool survives(Player& player, const Answer& answer, bool conflict_allowed);

    void act(Player& player);
    void act_on_messages(Player& player);
    void begin_or_end(Player& player);
    void use_savepoint(Player& player);
    void rollback_to_savepoint(Player& player);
    void terminate();
    void maintain(Player& player);
    void pause_or_resume();

    void send(Player& player);
    void send_batch(Player& player);
    void insert(Player& player);
    void read(Player& player);
    void remove_many(Player& player);
    void truncate(Player& player);
    void name_one(Player& player);
    void finish_named(Player& player, const Answer& answer, Micros ended);

    void sent(Player& player, const Timed& timed, int seconds);
    void check_read(Player& player, const Timed& timed, std::optional<int> seconds, std::size_t limit);
    void changed(Player& player);
    void commit(Player& player);
    void rollback(Player& player);
    void let_waiting_go();
    bool is_blocked(const Player& player);
    void finish_waiting(Player& player);

    Player* holder_of(Id id, const Player& but);
    Player* exclusive();
    bool alone(const Player& player) const;
    Id some_id(const Player& player);

    std::string dsn_;
    std::mt19937_64 random_;
    Session control_;
    QueueModel model_;
    std::vector<std::unique_ptr<Player>> players_;
    std::deque<std::string> history_;
    bool foreign_trigger_ = false;
    bool paused_ = false;
};

}  // namespace singularity::queue::testing
