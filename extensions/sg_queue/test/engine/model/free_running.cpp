#include "extensions/sg_queue/test/engine/model/free_running.hpp"

#include <format>
#include <stdexcept>
#include <thread>
#include <utility>

#include "extensions/sg_queue/test/engine/model/worker.hpp"

namespace singularity::queue::testing {

FreeRound::FreeRound(std::string dsn, std::uint64_t seed, int sessions)
    : dsn_(std::move(dsn)), seed_(seed), sessions_(sessions), pids_(static_cast<std::size_t>(sessions)) {
    Session control(dsn_);
    control.must("select pgmq.drop_queue('f') from pgmq.meta where queue_name = 'f'");
    control.must("select pgmq.create('f')");
}

void FreeRound::play(std::chrono::milliseconds duration) {
    Session control(dsn_);
    std::vector<std::jthread> threads;
    for (int number = 0; number < sessions_; ++number) {
        threads.emplace_back([this, number] {
            try {
                const auto seed = seed_ * 1000 + static_cast<std::uint64_t>(number);
                Worker(*this, seed, pids_[static_cast<std::size_t>(number)]).work();
            } catch (const std::exception& error) {
                const std::scoped_lock lock(failures_mutex_);
                failures_.push_back(error.what());
                stops_ = true;
            }
        });
    }
    std::mt19937_64 random(seed_);
    const auto end = std::chrono::steady_clock::now() + duration;
    while (!stops_ && std::chrono::steady_clock::now() < end) terminate_some(random, control);
    stops_ = true;
    threads.clear();
    if (!failures_.empty()) throw std::runtime_error(failures_.front());
    drain(control);
}

void FreeRound::terminate_some(std::mt19937_64& random, Session& control) {
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 100));
    switch (random() % 10) {
        case 0: control.must("vacuum pgmq.q_f"); break;
        case 1: control.must("set lock_timeout = '50ms'"), control.run("vacuum full pgmq.q_f"); break;
        case 2:
        case 3:
            if (const int pid = pids_[random() % pids_.size()]) {
                control.must(std::format("select pg_terminate_backend({})", pid));
            }
            break;
        default: break;
    }
}

void FreeRound::drain(Session& control) {
    while (control.must("select from pgmq.q_f where vt > clock_timestamp() limit 1").rows.size() == 1) {
        control.must("select pg_sleep(0.05)");
    }
    std::map<Id, int> left;
    for (const auto& row : control.must("select msg_id, read_ct from pgmq.q_f").rows) {
        left[std::stoll(row[0])] = std::stoi(row[1]);
    }
    auto contradictions = ledger_.contradictions(left);
    std::map<Id, int> drained;
    for (;;) {
        const Answer answer =
            control.must("select msg_id, read_ct from pgmq.read_with_poll('f', 3600, 50, 1, 20)");
        if (answer.rows.empty()) break;
        for (const auto& row : answer.rows) drained[std::stoll(row[0])] = std::stoi(row[1]) - 1;
    }
    for (const auto& [id, read_ct] : left) {
        if (!drained.contains(id))
            contradictions.push_back(std::format("{} is due, but not to be had by reading", id));
    }
    const Answer wrong = control.must("select queue.check('f')");
    if (wrong.rows[0][0] != "0")
        contradictions.insert(contradictions.begin(), "queue.check mends " + wrong.rows[0][0]);
    if (!contradictions.empty()) throw std::runtime_error(describe(contradictions));
}

std::string FreeRound::describe(const std::vector<std::string>& contradictions) const {
    std::string text = std::format("{} contradictions", contradictions.size());
    for (std::size_t i = 0; i < contradictions.size() && i < 20; ++i) text += "\n  " + contradictions[i];
    return text;
}

}  // namespace singularity::queue::testing
