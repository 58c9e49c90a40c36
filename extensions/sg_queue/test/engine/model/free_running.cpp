#include "extensions/sg_queue/test/engine/model/free_running.hpp"

#include <format>
#include <stdexcept>
#include <thread>
#include <utility>

#include "extensions/sg_queue/test/engine/model/worker.hpp"

namespace singularity::queue::testing {

namespace {

constexpr int kCap = 6, kGroupCap = 2;

Kind kind_of(std::uint64_t seed) {
    return seed % 4 == 1 ? Kind::lined : seed % 4 == 3 ? Kind::in_memory : Kind::plain;
}

}  // namespace

FreeRound::FreeRound(std::string dsn, std::uint64_t seed, int sessions)
    : dsn_(std::move(dsn)),
      seed_(seed),
      sessions_(sessions),
      kind_(kind_of(seed)),
      pids_(static_cast<std::size_t>(sessions)) {
    Session control(dsn_);
    control.must("select pgmq.drop_queue('f') from pgmq.meta where queue_name = 'f'");
    control.must("select pgmq.create('f')");
    configure(control);
}

void FreeRound::configure(Session& control) {
    if (kind_ == Kind::in_memory) control.must("select queue.configure('f', '{\"memory_claims\": true}')");
    if (kind_ != Kind::lined) return;
    control.must(
        std::format("select queue.configure('f', jsonb_build_object('turns', true, 'max_in_flight', {}, "
                    "'max_in_flight_per_group', {}))",
                    kCap, kGroupCap));
}

// A claim that is not over yet is in the table, or in an open transaction that will put it there.
void FreeRound::check_cap(Session& control) {
    if (kind_ != Kind::lined) return;
    const Answer answer = control.must(
        "with claimed as (select headers ->> 'x-pgmq-group' from pgmq.q_f where last_read_at is not null and "
        "vt > "
        "clock_timestamp()), grouped as (select count(*) from claimed as c (name) group by name) select "
        "(select "
        "count(*) from claimed), coalesce(max(count), 0) from grouped");
    if (std::stoi(answer.rows[0][0]) > kCap || std::stoi(answer.rows[0][1]) > kGroupCap) {
        throw std::runtime_error(
            std::format("{} messages are in flight, of one group {}", answer.rows[0][0], answer.rows[0][1]));
    }
}

void FreeRound::play(std::chrono::milliseconds duration) {
    Session control(dsn_);
    std::vector<std::jthread> threads;
    threads.reserve(static_cast<std::size_t>(sessions_));
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
    try {
        while (!stops_ && std::chrono::steady_clock::now() < end) {
            terminate_some(random, control);
            check_cap(control);
        }
    } catch (const std::exception& error) {
        const std::scoped_lock lock(failures_mutex_);
        failures_.push_back(error.what());
    }
    stops_ = true;
    threads.clear();
    if (!failures_.empty()) throw std::runtime_error(failures_.front());
    drain(control);
}

void FreeRound::terminate_some(std::mt19937_64& random, Session& control) {
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 100));
    switch (random() % 10) {
        case 0: control.must("vacuum pgmq.q_f"); break;
        case 1:
            if (kind_ == Kind::in_memory) break;
            control.must("set lock_timeout = '50ms'"), control.run("vacuum full pgmq.q_f");
            control.must("reset lock_timeout");
            break;
        case 2:
        case 3:
            if (const int pid = pids_[random() % pids_.size()]) {
                control.must(std::format("select pg_terminate_backend({})", pid));
            }
            break;
        case 4: pause(random, control); break;
        default: break;
    }
}

void FreeRound::pause(std::mt19937_64& random, Session& control) {
    control.must("select queue.configure('f', '{\"paused\": true}')");
    pause_ = static_cast<int>(random() % 1'000'000) + 1;
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 50));
    check_cap(control);
    pause_ = 0;
    control.must("select queue.configure('f', '{\"paused\": false}')");
}

void FreeRound::drain(Session& control) {
    while (control.must("select from pgmq.q_f where vt > clock_timestamp() limit 1").rows.size() == 1) {
        control.must("select pg_sleep(0.05)");
    }
    if (kind_ == Kind::in_memory) {
        control.must(
            "select pgmq.set_vt('f', array(select msg_id from pgmq.q_f), 0)");  // writes what was claimed
    }
    if (kind_ == Kind::lined) {
        control.must(
            "select queue.configure('f', '{\"max_in_flight\": null, \"max_in_flight_per_group\": null}')");
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
