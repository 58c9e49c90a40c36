// What jobs cost beyond their boxes, on a running backbone (bench/jobs starts it): from request to answer in
// hand beside the same runner without queues and databases, jobs a second, and Genesis' memory over many.
//
//     SINGULARITY_HOME=… build/bin/jobs_bench [overhead] [rate] [memory [JOBS]]
#include <boost/asio.hpp>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <print>

#include "core/awaitable_operators.hpp"
#include "core/config.hpp"
#include "messages/request_id.hpp"
#include "sandbox/launcher.hpp"
#include "services/genesis/job_runner.hpp"
#include "services/runtime/run_all.hpp"
#include "services/singularity/answers.hpp"
#include "services/singularity/shared_queue_publisher.hpp"

namespace {

using namespace singularity;
using namespace singularity::services;
using namespace singularity::core::awaitable_operators;
using namespace std::chrono_literals;
using pgclient::Task;
using services::instance::Answers;
using Clock = std::chrono::steady_clock;

constexpr int kJobs = 200;

messages::JobRequest job(std::string language = "bash", std::string code = ":") {
    messages::JobRequest request;
    request.request_id = request.id = messages::new_request_id();
    request.language = std::move(language);
    request.code = std::move(code);
    return request;
}

Task<void> ask(Publisher& publisher, Answers& answers, messages::JobRequest request) {
    const auto published = co_await publisher.publish(request);
    if (!published) throw std::runtime_error(published.error().message);
    const auto answer = co_await answers.wait(request.id, 60s);
    if (!answer) throw std::runtime_error("no answer within a minute");
    const auto result = messages::from_json<messages::JobResult>(*answer);
    if (!result || result->verdict != "ok")
        throw std::runtime_error("not ok: " + boost::json::serialize(*answer));
}

template <class Once>
Task<std::vector<double>> times(Once once) {
    std::vector<double> milliseconds;
    for (int i = -20; i < kJobs; ++i) {
        const auto start = Clock::now();
        co_await once();
        if (i >= 0)
            milliseconds.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
    }
    std::ranges::sort(milliseconds);
    co_return milliseconds;
}

Task<void> measure_overhead(Publisher& publisher, Answers& answers, genesis::JobRunner& runner) {
    const auto boxed = co_await times([&]() -> Task<void> {
        const messages::JobRequest request = job();
        co_await runner.run(request, {});
    });
    const auto whole = co_await times([&] { return ask(publisher, answers, job()); });
    std::println(
        "empty job, at rest: request to answer p50 {:.2f} ms, p99 {:.2f}; its box alone p50 {:.2f}, p99 "
        "{:.2f};"
        " queue overhead p50 {:.2f} ms (bar 20)",
        whole[kJobs / 2], whole[kJobs * 99 / 100], boxed[kJobs / 2], boxed[kJobs * 99 / 100],
        whole[kJobs / 2] - boxed[kJobs / 2]);
}

Task<double> many(Publisher& publisher, Answers& answers, int jobs, std::string language, std::string code) {
    const auto start = Clock::now();
    int left = jobs;
    std::vector<Task<void>> loops;
    loops.reserve(16);
    for (int i = 0; i < 16; ++i) {
        loops.push_back([](auto& pub, auto& ans, int& rest, auto lang, auto text) -> Task<void> {
            while (rest-- > 0) co_await ask(pub, ans, job(lang, text));
        }(publisher, answers, left, language, code));
    }
    co_await run_all(std::move(loops));
    co_return jobs / std::chrono::duration<double>(Clock::now() - start).count();
}

// Kilobytes that are resident, in the process of $GENESIS_PID.
long resident() {
    const char* pid = std::getenv("GENESIS_PID");  // NOLINT(concurrency-mt-unsafe)
    std::ifstream status("/proc/" + std::string(pid ? pid : "self") + "/status");
    for (std::string word; status >> word;) {
        long kilobytes = 0;
        if (word == "VmRSS:" && status >> kilobytes) return kilobytes;
    }
    return 0;
}

Task<void> measure_memory(Publisher& publisher, Answers& answers, int jobs) {
    const int step = std::max(1, jobs / 10);
    for (int done = 0; done < jobs; done += step) {
        const double rate = co_await many(publisher, answers, step, "bash", "echo hello");
        std::println("after {} jobs ({:.0f} a second): Genesis has {} kB", done + step, rate, resident());
    }
}

Task<void> measure(const core::Config& config, genesis::JobRunner& runner, std::vector<std::string> parts) {
    Service service(co_await boost::asio::this_coro::executor, config, "bench");
    pgclient::Pool shared(service.executor(), service.pool_options("shared_queue", "singularity"));
    pgclient::Pool own(service.executor(), service.pool_options("singularity"));
    Publisher publisher(shared, true, {.instance_id = config.instance_id});
    Answers answers(service, own, service.connect_options("singularity"));
    const auto is_asked = [&parts](std::string_view part) {
        return parts.empty() || std::ranges::contains(parts, part);
    };
    const auto all = [&]() -> Task<void> {
        if (is_asked("overhead")) co_await measure_overhead(publisher, answers, runner);
        if (is_asked("rate"))
            std::println("hello from Python through the queue: {:.1f} jobs a second",
                         co_await many(publisher, answers, 200, "python", "print('hello')"));
        if (is_asked("memory")) {
            const int jobs = std::atoi(parts.empty() ? "" : parts.back().c_str());
            co_await measure_memory(publisher, answers, jobs > 0 ? jobs : 10'000);
        }
    };
    co_await (all() || answers.run());
}

}  // namespace

int main(int argc, char** argv) try {
    auto launcher = sandbox::fork_launcher({.name = "bench", .silent = true});
    const auto config =
        core::load_config({.file = {}, .environment = core::environment_variable, .flags = {}});
    if (!launcher || !config) return 1;
    boost::asio::io_context loop(1);
    int exit_code = 0;
    {
        sandbox::Sandbox box(loop.get_executor(), launcher->client.release());
        const auto languages = genesis::all_languages(genesis::runtimes_folder());
        genesis::JobRunner runner(box, languages);
        boost::asio::co_spawn(loop, measure(*config, runner, {argv + 1, argv + argc}),
                              [&](std::exception_ptr failure) {
                                  loop.stop();
                                  if (!failure) return;
                                  exit_code = 1;
                                  try {
                                      std::rethrow_exception(failure);
                                  } catch (const std::exception& error) {
                                      std::println(stderr, "{}", error.what());
                                  }
                              });
        loop.run();
    }
    return exit_code;
} catch (const std::exception& error) {
    std::fputs(error.what(), stderr);
    return 1;
}
