// What the shared queue costs, on a running backbone whose questions answering_service answers
// (bench/shared_queue starts both): latency of a request at rest, requests a second beside what the bare
// commits of their path allow, the publisher beside pgmq.send, and the memory of agents that wait.
//
//     SINGULARITY_HOME=… build/bin/shared_queue_bench [latency] [sustained] [publisher] [waiters] [load]
//
// Without a name all but load, which asks for twelve seconds and compares nothing: to be looked at by a
// profiler.
#include <boost/asio.hpp>

#include <malloc.h>

#include <algorithm>
#include <cstdio>
#include <format>
#include <print>
#include <set>

#include "core/awaitable_operators.hpp"
#include "core/config.hpp"
#include "messages/publishing.hpp"
#include "messages/question.hpp"
#include "messages/registry.hpp"
#include "services/runtime/await_queues.hpp"
#include "services/runtime/run_all.hpp"
#include "services/singularity/answers.hpp"
#include "services/singularity/shared_queue_consumer.hpp"
#include "services/singularity/shared_queue_publisher.hpp"

namespace {

using namespace singularity;
using namespace singularity::services;
using namespace singularity::core::awaitable_operators;
using namespace std::chrono_literals;
using pgclient::Pool;
using pgclient::Query;
using pgclient::Task;
using services::instance::Answers;
using Clock = std::chrono::steady_clock;

constexpr char kInstance[] = "bench";  // answered through queues of its own, which this process reads
constexpr int kRequests = 600;         // at rest
constexpr int kWaiters = 10'000;
constexpr std::size_t kAskers = 32;  // at once
constexpr auto kWindow = 4s, kLoad = 12s;
constexpr int kRounds = 6;
constexpr int kTurns = 20;
constexpr auto kTurn = 500ms;

struct Databases {
    Pool& shared;  // as singularity
    Pool& own;     // singularity
    Pool& nexus;
    Pool& hub;  // shared_queue as its owner, who may make tables there
};

messages::QuestionRequest question() {
    messages::QuestionRequest request;
    request.request_id = request.id = messages::new_request_id();
    request.question = "Which of the two caches is to be kept, and why?";
    return request;
}

// Who asks, in this process: as an agent of the instance that runs here, or of the one that has its answers
// delivered by its own process.
struct Agents {
    Publisher& here;
    Publisher& elsewhere;
    Answers& answers;
};

Task<void> ask(Publisher& publisher, Answers& answers) {
    const messages::QuestionRequest request = question();
    const auto published = co_await publisher.publish(request);
    if (!published) throw std::runtime_error(published.error().message);
    if (!co_await answers.wait(request.id, 30s)) throw std::runtime_error("no answer within 30 s");
}

// How often `once` ends in a second, with so many at a time.
template <class Once>
Task<double> rate(std::size_t beside, Once once, Clock::duration window = kWindow) {
    const auto start = Clock::now();
    std::size_t done = 0;
    std::vector<Task<void>> loops;
    loops.reserve(beside);
    for (std::size_t i = 0; i < beside; ++i) {
        loops.push_back([](auto& step, auto end, std::size_t& count) -> Task<void> {
            for (; Clock::now() < end; ++count) co_await step();
        }(once, start + window, done));
    }
    co_await run_all(std::move(loops));
    co_return static_cast<double>(done) / std::chrono::duration<double>(Clock::now() - start).count();
}

constexpr char kBareTable[] =
    "drop table if exists bench_bare; create table bench_bare (id bigint generated always as identity "
    "primary key,"
    " vt timestamptz not null default now(), body jsonb) with (fillfactor = 70)";
constexpr Query kInsert{"bench.insert", "insert into bench_bare (body) values ($1) returning id"};
constexpr Query kUpdate{"bench.update",
                        "update bench_bare set vt = now() + interval '30 seconds' where id = $1"};

// Sent, claimed, its effect, its reply sent, claimed, delivered: six commits. Archiving comes on top of that
// for us.
Task<void> bare_path(Databases& all, const boost::json::value& body) {
    const auto insert = [&body](Pool& pool) -> Task<std::int64_t> {
        const auto session = co_await pool.acquire();
        co_return co_await session->one<std::int64_t>(kInsert, body);
    };
    const auto claim = [&all](std::int64_t id) -> Task<void> {
        const auto session = co_await all.hub.acquire();
        co_await session->exec(kUpdate, id);
    };
    co_await claim(co_await insert(all.hub));
    co_await insert(all.nexus);
    co_await claim(co_await insert(all.hub));
    co_await insert(all.own);
}

Task<void> make_bare_tables(Databases all) {
    for (Pool* pool : {&all.hub, &all.own, &all.nexus}) {
        const auto session = co_await pool->acquire();
        co_await session->script(kBareTable);
    }
}

Task<void> drop_bare_tables(Databases all) {
    for (Pool* pool : {&all.hub, &all.own, &all.nexus}) {
        const auto session = co_await pool->acquire();
        co_await session->script("drop table bench_bare");
    }
}

// Each after a pause; in milliseconds.
template <class Once>
Task<void> measure_at_rest(int times, std::vector<double>& taken, Once once) {
    boost::asio::steady_timer pause(co_await boost::asio::this_coro::executor);
    for (int i = 0; i < times; ++i) {
        pause.expires_after(5ms);
        co_await pause.async_wait(boost::asio::use_awaitable);
        const auto start = Clock::now();
        co_await once();
        taken.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
    }
    std::ranges::sort(taken);
}

double percentile(const std::vector<double>& sorted, std::size_t percent) {
    return sorted[sorted.size() * percent / 100];
}

// In turn with the bare commits of its path, so that both meet the same machine.
Task<void> measure_latency(Databases all, Agents agents) {
    std::vector<double> asked, elsewhere, bare, unused;
    const boost::json::value body = messages::to_json(question());
    const auto ask_here = [&] { return ask(agents.here, agents.answers); };
    const auto ask_elsewhere = [&] { return ask(agents.elsewhere, agents.answers); };
    co_await make_bare_tables(all);
    co_await measure_at_rest(20, unused, ask_here);
    co_await measure_at_rest(20, unused, ask_elsewhere);
    for (int i = 0; i < kRounds; ++i) {
        co_await measure_at_rest(kRequests / kRounds, asked, ask_here);
        co_await measure_at_rest(kRequests / kRounds, elsewhere, ask_elsewhere);
        co_await measure_at_rest(kRequests / kRounds, bare, [&] { return bare_path(all, body); });
    }
    co_await drop_bare_tables(all);
    const auto say = [](std::string_view what, const std::vector<double>& times) {
        std::println("{}: p50 {:.2f} ms, p99 {:.2f} ms", what, percentile(times, 50), percentile(times, 99));
    };
    std::println("request to answer in the agent's hand, at rest (bars: p50 3 ms, p99 15 ms)");
    say("    an agent of the instance's process", asked);
    say("    an agent in another process", elsewhere);
    say("    the bare commits of that path", bare);
}

Task<void> measure_sustained(Databases all, Publisher& publisher, Answers& answers) {
    const boost::json::value body = messages::to_json(question());
    co_await make_bare_tables(all);
    for (int round = 0; round < kRounds; ++round) {
        const double bare = co_await rate(kAskers, [&] { return bare_path(all, body); });
        const double whole = co_await rate(kAskers, [&] { return ask(publisher, answers); });
        std::println(
            "{} agents: bare commits {:.0f} requests/s, the shared queue {:.0f}, ratio {:.2f} (bar 0.5)",
            kAskers, bare, whole, whole / bare);
    }
    co_await drop_bare_tables(all);
}

constexpr Query kSend{"bench.send",
                      "select id from pgmq.send('embedding_requests', $1::jsonb, $2::jsonb) as sent (id)"};

constexpr Query kPause{"bench.pause", "select queue.configure('embedding_requests', '{\"paused\": true}')"};

// Into a queue that nobody gets anything from.
Task<void> measure_publisher(Databases all, Publisher& publisher) {
    const boost::json::object embedding{{"query_id", "q"}, {"query", "print(6 * 7)"}, {"model", "m"}};
    const auto publish = [&]() -> Task<void> {
        boost::json::object fresh = embedding;
        fresh["query_id"] = messages::new_request_id();
        const auto id = co_await publisher.publish("embedding_requests", std::move(fresh));
        if (!id) throw std::runtime_error(id.error().message);
    };
    const boost::json::value headers(boost::json::object{{"x-pgmq-group", "singularity"}});
    const boost::json::value body(messages::complete("embedding_requests", embedding, {}).value());
    const auto send = [&]() -> Task<void> {
        const auto session = co_await all.shared.acquire();
        co_await session->exec(kSend, body, headers);
    };
    {
        const auto session = co_await all.hub.acquire();
        co_await session->exec(kPause);
    }
    for (const std::size_t beside : {1, 8}) {
        double bare = 0, published = 0;
        for (int turn = 0; turn < kTurns; ++turn) {
            bare += co_await rate(beside, send, kTurn) / kTurns;
            published += co_await rate(beside, publish, kTurn) / kTurns;
        }
        std::println("{} at once: pgmq.send {:.0f}/s, published {:.0f}/s, overhead {:.0f} % (bar 25)",
                     beside, bare, published, (bare / published - 1) * 100);
    }
}

Task<void> measure_waiters(Answers& answers) {
    const auto executor = co_await boost::asio::this_coro::executor;
    malloc_trim(0);
    const std::size_t before = mallinfo2().uordblks;
    std::size_t left = kWaiters;
    for (int i = 0; i < kWaiters; ++i) {
        boost::asio::co_spawn(executor, answers.wait(messages::new_request_id(), 3s),
                              [&](std::exception_ptr, auto) { --left; });
    }
    boost::asio::steady_timer pause(executor, 1s);
    co_await pause.async_wait(boost::asio::use_awaitable);
    std::println("{} agents that wait: {} bytes each (bar 2048)", answers.waiting(),
                 (mallinfo2().uordblks - before) / kWaiters);
    while (left > 0) {
        pause.expires_after(50ms);
        co_await pause.async_wait(boost::asio::use_awaitable);
    }
}

Task<void> load(Publisher& publisher, Answers& answers) {
    const double whole = co_await rate(kAskers, [&] { return ask(publisher, answers); }, kLoad);
    std::println("{} askers: the shared queue {:.0f} requests/s", kAskers, whole);
}

Task<void> measure(Service& service, std::set<std::string_view> parts) {
    const auto options = [&](std::string_view database, std::string_view role) {
        pgclient::PoolOptions pool = service.pool_options(database, role);
        pool.size = 8;
        return pool;
    };
    Pool shared(service.executor(), options("shared_queue", "singularity"));
    Pool own(service.executor(), options("singularity", "singularity"));
    Pool nexus(service.executor(), options("nexus", "nexus"));
    Pool hub(service.executor(), options("shared_queue", "centralcloud"));
    Publisher here(shared, true, {.instance_id = kInstance, .agent_id = "agent-1"});
    Publisher elsewhere(shared, true, {.instance_id = "singularity", .agent_id = "agent-1"});
    Answers answers(service, own, service.connect_options("singularity", "singularity"));
    const Bus bus{shared, service.connect_options("shared_queue", "singularity"), own};
    core::Config bench = service.config();
    bench.instance_id = kInstance;
    Service instance(service.executor(), bench, "bench");
    services::instance::SharedQueueConsumer consumer(instance, bus, answers);
    const auto everything = [&]() -> Task<void> {
        co_await await_queues(shared, {messages::queue_to("question_responses", kInstance)});
        const Databases all{shared, own, nexus, hub};
        if (parts.contains("latency")) co_await measure_latency(all, {here, elsewhere, answers});
        if (parts.contains("sustained")) co_await measure_sustained(all, here, answers);
        if (parts.contains("publisher")) co_await measure_publisher(all, here);
        if (parts.contains("waiters")) co_await measure_waiters(answers);
        if (parts.contains("load")) co_await load(here, answers);
    };
    co_await (everything() || answers.run() || consumer.run());
}

}  // namespace

int main(int count, char** values) {
    std::set<std::string_view> parts(values + 1, values + count);
    if (parts.empty()) parts = {"latency", "sustained", "publisher", "waiters"};
    const auto config =
        core::load_config({.file = {}, .environment = core::environment_variable, .flags = {}});
    if (!config) return std::fprintf(stderr, "%s\n", config.error().message.c_str()), 2;
    return run_service(*config, "bench", [&parts](Service& service) { return measure(service, parts); });
}
