// What a box costs: of an empty static program with and without prepared boxes, of Python's hello on all
// cores against the same without a box, and how fast output streams. Needs root for the tier that it
// measures.
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio.hpp>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <thread>

#include "core/awaitable_operators.hpp"
#include "core/format.hpp"
#include "sandbox/box.hpp"
#include "sandbox/launcher.hpp"

namespace {

namespace asio = boost::asio;
using namespace singularity::sandbox;
using namespace singularity::core::awaitable_operators;
using Clock = std::chrono::steady_clock;
using asio::awaitable;

constexpr int kRuns = 200, kJobs = 120;
constexpr int kOutput = 10'000'000;

double milliseconds_since(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

struct Bench {
    explicit Bench(unsigned prepared, std::vector<Mount> mounts = {})
        : launcher(fork_launcher({.name = singularity::core::format("bench-{}", ::getpid()),
                                  .prepared = prepared,
                                  .prepared_mounts = std::move(mounts)})
                       .value()),
          sandbox(io.get_executor(), launcher.client.release()) {}

    void run(awaitable<void> work) {
        asio::co_spawn(io, std::move(work), [](std::exception_ptr error) {
            if (error) std::rethrow_exception(error);
        });
        io.restart();
        io.run();
    }

    asio::io_context io{1};
    ForkedLauncher launcher;
    Sandbox sandbox;
};

awaitable<Ending> one(Sandbox& sandbox, std::vector<std::string> arguments, Streams streams = {},
                      Limits limits = {}, std::vector<Mount> mounts = {}) {
    Workspace workspace = co_await sandbox.open({}, std::move(mounts));
    co_return co_await workspace.run({.arguments = std::move(arguments)}, limits, std::move(streams));
}

awaitable<void> pause(std::chrono::milliseconds time) {
    asio::steady_timer timer(co_await asio::this_coro::executor, time);
    co_await timer.async_wait(asio::use_awaitable);
}

// Process 1 itself: static, and without arguments it only exits.
void empty_program(const char* name, unsigned prepared, std::vector<Mount> mounts = {}) {
    Bench bench(prepared, prepared > 0 ? mounts : std::vector<Mount>());
    const std::vector<std::string> empty{"/sginit"};
    std::vector<double> times;
    bench.run([&]() -> awaitable<void> {
        for (int i = 0; i < kRuns; ++i) {
            const auto start = Clock::now();
            co_await one(bench.sandbox, empty, {}, {}, mounts);
            times.push_back(milliseconds_since(start));
            co_await pause(std::chrono::milliseconds(30));  // in which a box is prepared
        }
    }());
    std::ranges::sort(times);
    std::cout << singularity::core::format("{:44} p50 {:6.2f} ms   p95 {:6.2f} ms\n", name,
                                           times[times.size() / 2], times[times.size() * 95 / 100]);
}

std::vector<std::string> hello() {
    return {"/usr/bin/python3", "-c", "print('hello')"};
}

double boxed_per_second(unsigned workers) {
    Bench bench(4);
    const auto start = Clock::now();
    std::atomic<int> left = kJobs;
    const auto work = [&]() -> awaitable<void> {
        while (left-- > 0) co_await one(bench.sandbox, hello());
    };
    for (unsigned i = 0; i < workers; ++i) asio::co_spawn(bench.io, work(), asio::detached);
    bench.io.run();
    return kJobs * 1000 / milliseconds_since(start);
}

void spawn_hello() {
    const auto texts = hello();
    char* arguments[] = {const_cast<char*>(texts[0].c_str()), const_cast<char*>(texts[1].c_str()),
                         const_cast<char*>(texts[2].c_str()), nullptr};
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    pid_t pid = 0;
    char* none[] = {nullptr};
    ::posix_spawn(&pid, arguments[0], &actions, nullptr, arguments, none);
    ::posix_spawn_file_actions_destroy(&actions);
    ::waitpid(pid, nullptr, 0);
}

double bare_per_second(unsigned workers) {
    const auto start = Clock::now();
    std::atomic<int> left = kJobs;
    std::vector<std::jthread> threads;
    threads.reserve(workers);
    for (unsigned i = 0; i < workers; ++i) {
        threads.emplace_back([&] {
            while (left-- > 0) spawn_hello();
        });
    }
    threads.clear();
    return kJobs * 1000 / milliseconds_since(start);
}

void compare_python() {
    // As many as Genesis runs: a box that waits for the kernel leaves its core to another.
    const unsigned workers = 2 * std::max(std::thread::hardware_concurrency(), 1U);
    // In turns, since other work on the machine comes and goes.
    std::vector<double> boxed, bare;
    for (int round = 0; round < 5; ++round) {
        bare.push_back(bare_per_second(workers));
        boxed.push_back(boxed_per_second(workers));
    }
    std::ranges::sort(boxed), std::ranges::sort(bare);
    std::cout << singularity::core::format("{:44} {:6.1f} jobs/s, bare {:6.1f}: {:.2f}\n",
                                           singularity::core::format("Python's hello, {} at a time", workers),
                                           boxed[2], bare[2], boxed[2] / bare[2]);
}

void stream_output() {
    Bench bench(2);
    const std::vector<std::string> writer{"/usr/bin/head", "-c", std::to_string(kOutput), "/dev/zero"};
    const Limits limits{.output_bytes = kOutput};
    std::vector<double> rates;
    bench.run([&]() -> awaitable<void> {
        for (int i = 0; i < 9; ++i) {
            std::size_t seen = 0;
            Clock::time_point first{};
            double took = 0;
            Streams streams{.output = [&](Stream, std::string_view piece) -> awaitable<void> {
                if (seen == 0) first = Clock::now();
                seen += piece.size();
                took = milliseconds_since(first);
                co_return;
            }};
            co_await one(bench.sandbox, writer, std::move(streams), limits);
            if (seen != kOutput) throw std::runtime_error("output is missing");
            rates.push_back(kOutput / 1e3 / took);
        }
    }());
    std::ranges::sort(rates);
    std::cout << singularity::core::format("{:44} {:6.0f} MB/s\n", "10 MB of output",
                                           rates[rates.size() / 2]);
}

}  // namespace

int main() try {
    empty_program("an empty program, no box prepared", 0);
    empty_program("an empty program, four boxes prepared", 4);
    empty_program("the same with a runtime of its own", 4, {{"/usr/share", "/opt/runtime"}});
    compare_python();
    stream_output();
} catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
