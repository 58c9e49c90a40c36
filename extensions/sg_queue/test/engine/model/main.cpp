// A queue of the engine beside a plain model of one, over random operations of many sessions: in turn a round
// in which they act one by one and every answer is foretold, and one in which they run freely and a ledger is
// kept.
//
//     SEED=… SECONDS=60 SESSIONS=8 MODE=interleaved|free test/with_cluster engine_model
//
// Ends with 1 at the first difference, after the seed of its round and the last operations.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <random>
#include <string>

#include "extensions/sg_queue/test/engine/model/free_running.hpp"
#include "extensions/sg_queue/test/engine/model/interleaved.hpp"

namespace {

using namespace singularity::queue::testing;

int sessions() {
    return static_cast<int>(number_from_environment("SESSIONS", 8));
}

bool play_interleaved(const std::string& dsn, std::uint64_t seed) {
    InterleavedRound round(dsn, seed, sessions());
    try {
        round.play(static_cast<int>(number_from_environment("OPERATIONS", 1000)));
        round.drain();
        return true;
    } catch (const std::exception& error) {
        for (const std::string& line : round.history()) std::printf("%s\n", line.c_str());
        std::printf("SEED=%llu MODE=interleaved: %s\n", static_cast<unsigned long long>(seed), error.what());
        return false;
    }
}

bool play_freely(const std::string& dsn, std::uint64_t seed, std::size_t& claims) {
    FreeRound round(dsn, seed, sessions());
    try {
        round.play(std::chrono::seconds(number_from_environment("ROUND", 5)));
        claims += round.claims();
        return true;
    } catch (const std::exception& error) {
        std::printf("SEED=%llu MODE=free: %s\n", static_cast<unsigned long long>(seed), error.what());
        return false;
    }
}

}  // namespace

int main() {
    const std::string dsn = server_dsn();
    Session(dsn).must("create extension if not exists sg_queue");
    std::uint64_t seed = number_from_environment("SEED", std::random_device()());
    const auto seconds = static_cast<std::int64_t>(number_from_environment("SECONDS", 60));
    const std::int64_t end = wall_clock() + seconds * 1'000'000;
    const char* const only = std::getenv("MODE");  // NOLINT(concurrency-mt-unsafe): no threads yet
    const std::string mode = only == nullptr ? "" : only;
    std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
    std::fflush(stdout);
    int rounds = 0;
    std::size_t claims = 0;
    do {
        if (mode != "free" && !play_interleaved(dsn, seed)) return 1;
        if (mode != "interleaved" && !play_freely(dsn, seed, claims)) return 1;
        ++seed;
        ++rounds;
    } while (wall_clock() < end);
    std::printf("%d rounds, %zu claims in those that ran freely\n", rounds, claims);
    return 0;
}
