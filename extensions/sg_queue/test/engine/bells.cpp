// Sessions that wait for a bell while others write and ring: none misses what was written last, whether the
// ring came while it looked or while it slept, and some of the waiters are cancelled or terminated meanwhile.
//
//     SEED=… ROUNDS=100 test/with_cluster engine_bells
#include <cstdio>
#include <format>
#include <random>

#include "extensions/sg_queue/test/engine/session.hpp"

namespace {

using namespace singularity::queue::testing;

constexpr int kWaiters = 4, kVictims = 2, kRingers = 2, kRings = 20;

// Ends once everything is there; an error where a whole patience brings no ring.
std::string watch() {
    return std::format(
        "do $$ declare known bigint; rung boolean; begin"
        " loop"
        "  known := queue.bell('b'); commit;"
        "  exit when (select count(*) = {} from written);"
        "  call queue.wait_for_bell('b', known, 60, rung);"
        "  if not rung then raise 'a ring was missed'; end if;"
        " end loop; end $$",
        kRingers * kRings);
}

std::string write_and_ring() {
    return std::format(
        "do $$ begin for i in 1..{} loop"
        "  insert into written default values; perform queue.ring('b'); commit;"
        " end loop; end $$",
        kRings);
}

void begin_all(const std::string& dsn, std::vector<Session>& sessions, int count, const std::string& sql) {
    for (int i = 0; i < count; ++i) {
        sessions.emplace_back(dsn);
        sessions.back().start(sql);
    }
}

// Empty, or what went wrong.
std::string play(const std::string& dsn, std::mt19937_64& random) {
    Session control(dsn);
    control.must("truncate written");
    std::vector<Session> waiters, victims, ringers;
    begin_all(dsn, victims, kVictims, "call queue.wait_for_bell('b', queue.bell('b'), 600)");
    begin_all(dsn, waiters, kWaiters, watch());
    begin_all(dsn, ringers, kRingers, write_and_ring());
    for (const Session& victim : victims) {
        const char* how = random() % 2 == 0 ? "terminate" : "cancel";
        control.must(std::format("select pg_{}_backend({})", how, victim.pid()));
    }
    for (Session& victim : victims) static_cast<void>(victim.finish());
    for (std::vector<Session>* each : {&ringers, &waiters}) {
        for (Session& session : *each) {
            if (const Answer answer = session.finish(); !answer.ok()) return answer.text();
        }
    }
    return {};
}

// What is no call of SQL's own cannot be caught in SQL.
void refuse_senseless_calls(const std::string& dsn) {
    Session session(dsn);
    const std::pair<const char*, const char*> kCalls[] = {{"'b', 0, -1", "22023"},
                                                          {"'b', 0, 'nan'", "22023"},
                                                          {"'b', null, 0", "22004"},
                                                          {"null, 0, 0", "22004"}};
    for (const auto& [arguments, sqlstate] : kCalls) {
        const Answer answer = session.run(std::format("call queue.wait_for_bell({})", arguments));
        if (answer.sqlstate != sqlstate)
            throw std::runtime_error(std::format("({}) gave {}", arguments, answer.text()));
    }
    session.must("begin");
    session.must("select queue.ring('b')");
    if (session.run("prepare transaction 'ringing'").sqlstate != "0A000")
        throw std::runtime_error("a transaction that rings was prepared");
}

}  // namespace

int main() try {
    const std::string dsn = server_dsn();
    Session control(dsn);
    control.must("create extension if not exists sg_queue");
    control.must("create table if not exists written (at timestamptz default clock_timestamp())");
    refuse_senseless_calls(dsn);
    const std::uint64_t seed = number_from_environment("SEED", std::random_device()());
    std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
    std::mt19937_64 random(seed);
    for (std::uint64_t round = number_from_environment("ROUNDS", 20); round > 0; --round) {
        const std::string wrong = play(dsn, random);
        if (wrong.empty()) continue;
        std::printf("%s\n", wrong.c_str());
        return 1;
    }
    control.must("drop table written");
    return 0;
} catch (const std::exception& error) {
    std::printf("%s\n", error.what());
    return 1;
}
