// Readers that wait while messages come and some of the readers are terminated or cancelled: as long as
// others still wait, no message is left lying. A reader that dies with a wake in its hand must have passed it
// on, and so must those who wait for something else and were there first. And of many who wait by queue.wait,
// a message wakes one.
//
//     SEED=… ROUNDS=100 test/with_cluster engine_waiters
#include <algorithm>
#include <cstdio>
#include <format>
#include <random>

#include "extensions/sg_queue/test/engine/session.hpp"

namespace {

using namespace singularity::queue::testing;

constexpr std::size_t kReaders = 6, kChoosy = 2;

bool eventually(Session& control, const std::string& condition) {
    const std::int64_t end = wall_clock() + std::chrono::microseconds(Session::patience).count();
    while (wall_clock() < end) {
        if (control.must("select " + condition).rows[0][0] == "t") return true;
    }
    return false;
}

class Round {
public:
    Round(const std::string& dsn, std::mt19937_64& random) : random_(random), control_(dsn), sender_(dsn) {
        start(dsn, choosy_, kChoosy, R"(pgmq.read_with_poll('w', 3600, 1, 600, 100, '{"wanted": true}'))");
        wait_for_sleepers(kChoosy);
        start(dsn, readers_, kReaders, "pgmq.read_with_poll('w', 3600, 1, 600, 600000)");
    }

    // False where a message lies ready and nobody comes for it.
    bool play() {
        wait_for_sleepers(kChoosy + kReaders);
        const std::size_t victims = random_() % 4;
        const std::size_t messages = 1 + random_() % (kReaders - victims);
        std::vector<bool> kills(messages + victims);
        std::fill_n(kills.begin(), victims, true);
        std::ranges::shuffle(kills, random_);
        std::size_t victim = 0;
        for (const bool kill : kills) {
            if (kill) end_one(readers_[victim++]);
            else sender_.must("select pgmq.send('w', '{}')");
        }
        const bool served = until("not exists (select from pgmq.q_w where vt <= clock_timestamp())");
        for (Session& reader : readers_) end(reader);
        for (Session& reader : choosy_) end(reader);
        return served;
    }

private:
    static void start(const std::string& dsn, std::vector<Session>& sessions, std::size_t count,
                      const char* call) {
        for (std::size_t i = 0; i < count; ++i) {
            sessions.emplace_back(dsn);
            sessions.back().start(std::format("select msg_id from {}", call));
        }
    }

    void wait_for_sleepers(std::size_t count) {
        until(std::format("(select count(*) = {} from pg_stat_activity where wait_event = 'QueueRead')",
                          count));
    }

    void end(Session& reader) {
        control_.must(std::format("select pg_cancel_backend({})", reader.pid()));
        static_cast<void>(reader.finish());
    }

    void end_one(const Session& reader) {
        const char* how = random_() % 2 == 0 ? "terminate" : "cancel";
        control_.must(std::format("select pg_{}_backend({})", how, reader.pid()));
    }

    bool until(const std::string& condition) { return eventually(control_, condition); }

    std::mt19937_64& random_;
    Session control_, sender_;
    std::vector<Session> choosy_, readers_;
};

// Waits and takes what it was woken for, until it is told to end; counts when there was nothing.
constexpr const char* kWorker = R"(do $$
    declare woken text; message bigint;
    begin
        loop
            call queue.wait(array['w'], 600, woken);
            select m.msg_id into message from pgmq.pop('w') m;
            insert into wakes values (message);
            commit;
        end loop;
    end $$)";

// One after the other: each finds all of them waiting. A machine that is busy may take so long to run who was
// woken that another comes for the message, too: a few do.
bool one_message_wakes_one(const std::string& dsn) {
    constexpr int kWorkers = 8, kMessages = 50;
    Session control(dsn);
    control.must("create table wakes (msg_id bigint)");
    std::vector<Session> workers;
    for (int i = 0; i < kWorkers; ++i) workers.emplace_back(dsn).start(kWorker);
    const std::string all_wait =
        std::format("count(*) = {} from pg_stat_activity where wait_event = 'QueueRead'", kWorkers);
    bool served = eventually(control, all_wait);
    for (int sent = 1; served && sent <= kMessages; ++sent) {
        control.must("select pgmq.send('w', '{}')");
        served =
            eventually(control, std::format("count(*) = {} from wakes where msg_id is not null", sent)) &&
            eventually(control, all_wait);
    }
    for (const Session& worker : workers)
        control.must(std::format("select pg_cancel_backend({})", worker.pid()));
    for (Session& worker : workers) static_cast<void>(worker.finish());
    const std::string in_vain = control.must("select count(*) from wakes where msg_id is null").rows[0][0];
    control.must("drop table wakes");
    std::printf("%d messages were served, %s wakes were in vain\n", kMessages, in_vain.c_str());
    return served && std::stoi(in_vain) < kMessages;
}

}  // namespace

int main() {
    const std::string dsn = server_dsn();
    Session(dsn).must("create extension if not exists sg_queue");
    Session(dsn).must("select pgmq.create('w')");
    const std::uint64_t seed = number_from_environment("SEED", std::random_device()());
    std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
    std::fflush(stdout);
    std::mt19937_64 random(seed);
    for (std::uint64_t round = number_from_environment("ROUNDS", 100); round > 0; --round) {
        if (Round(dsn, random).play()) continue;
        std::printf("a message lies ready while readers wait, with %llu rounds to go\n",
                    static_cast<unsigned long long>(round));
        return 1;
    }
    const bool alone = one_message_wakes_one(dsn);
    Session(dsn).must("select pgmq.drop_queue('w')");
    return alone ? 0 : 1;
}
