// A round of random operations by sessions that really run at the same time, each on a thread of its own,
// with a killer that terminates some of them, a keeper that vacuums, and now and then a pause. What they were
// told goes into a ledger, which is compared with the table when all is quiet. Every other round is of a
// queue with options: one whose groups take turns with caps on what is in flight, or one whose claims live in
// memory. Of the latter nothing is done that ends such claims: no SQL of other programs, no new table file.
#pragma once

#include <atomic>
#include <random>

#include "extensions/sg_queue/test/engine/model/ledger.hpp"
#include "extensions/sg_queue/test/engine/session.hpp"

namespace singularity::queue::testing {

// How the queue is configured.
enum class Kind { plain, lined, in_memory };

class FreeRound {
public:
    FreeRound(std::string dsn, std::uint64_t seed, int sessions);

    // Throws std::runtime_error with what the ledger found.
    void play(std::chrono::milliseconds duration);
    std::size_t claims() const { return ledger_.claims(); }

private:
    friend class Worker;

    void configure(Session& control);
    void terminate_some(std::mt19937_64& random, Session& control);
    void pause(std::mt19937_64& random, Session& control);
    void check_cap(Session& control);
    void drain(Session& control);
    std::string describe(const std::vector<std::string>& contradictions) const;

    std::string dsn_;
    std::uint64_t seed_;
    int sessions_;
    Kind kind_;
    Ledger ledger_;
    std::atomic<bool> stops_ = false;
    std::atomic<int> pause_ = 0;  // which one is certainly in force; 0: none
    std::vector<std::atomic<int>> pids_;
    mutable std::mutex failures_mutex_;
    std::vector<std::string> failures_;
};

}  // namespace singularity::queue::testing
