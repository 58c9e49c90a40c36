// One of the sessions of a free-running round.
#pragma once

#include "extensions/sg_queue/test/engine/model/free_running.hpp"

namespace singularity::queue::testing {

class Worker {
public:
    Worker(FreeRound& round, std::uint64_t seed, std::atomic<int>& pid);

    void work();

private:
    int below(int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(random_); }

    void transaction();
    void begin();
    void end();
    void operate();
    void read();
    void name();
    void savepoint();

    // The answer; null where an error has ended the transaction, whose events are then in the ledger.
    std::optional<Answer> ask(const std::string& sql);
    void finish(Outcome outcome);
    void reconnect();

    void send();
    void take(const Answer& answer, Event::What what, Micros began, int pause);

    FreeRound& round_;
    std::mt19937_64 random_;
    std::atomic<int>& pid_;
    Session session_;
    bool in_transaction_ = false, over_ = false;
    std::vector<Event> events_;
    std::vector<std::size_t> savepoints_;  // how many events there were
    std::vector<Event> undone_;            // by rollbacks to savepoints
};

}  // namespace singularity::queue::testing
