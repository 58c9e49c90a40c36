// What a typed, asynchronous query costs over bare libpq: the same prepared single-row statement on two
// connections to one server, in alternating batches of one run. Prints microseconds a query and the ratio,
// of the lower quartiles: what the machine does besides makes batches slower, never faster.
//
// Where the server's processes run beside us decides what a query takes: on one core they take turns, and
// what the client computes is all in the time; on another core each wakes the other. So both are measured.
//
//     test/with_cluster build/bin/pgclient_bench
#include "pgclient/pool.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <libpq-fe.h>
#include <sched.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <print>
#include <stdexcept>
#include <system_error>
#include <vector>

namespace {

using namespace singularity::pgclient;
using Clock = std::chrono::steady_clock;

constexpr int kBatch = 100;
constexpr int kRounds = 600;
constexpr int kWarmUpRounds = 50;

struct Agent {
    std::int64_t id;
    std::string name;
    double score;
};

constexpr Query kAgentById{"agent_by_id", "select id, name, score from bench_agents where id = $1"};

constexpr std::string_view kPrepareData =
    "drop table if exists bench_agents;"
    "create table bench_agents (id bigint primary key, name text not null, score double precision not null);"
    "insert into bench_agents select i, 'agent ' || i, i / 7.0 from generate_series(1, 1000) i;"
    "analyze bench_agents";

// The same work as one<Agent>() does, by hand.
class BareConnection {
public:
    explicit BareConnection(const char* dsn) : connection_(PQconnectdb(dsn)) {
        const std::string sql(kAgentById.sql);
        const Oid types[] = {oid::kInt8};
        PQclear(PQprepare(connection_, "agent_by_id", sql.c_str(), 1, types));
    }
    ~BareConnection() { PQfinish(connection_); }
    int backend_pid() const { return PQbackendPID(connection_); }
    BareConnection(const BareConnection&) = delete;
    BareConnection& operator=(const BareConnection&) = delete;

    Agent agent_by_id(std::int64_t id) {
        const std::int64_t big = to_big_endian(id);
        const char* values[] = {reinterpret_cast<const char*>(&big)};
        const int lengths[] = {sizeof big};
        const int formats[] = {1};
        PGresult* result = PQexecPrepared(connection_, "agent_by_id", 1, values, lengths, formats, 1);
        if (PQresultStatus(result) != PGRES_TUPLES_OK || PQntuples(result) != 1) {
            throw std::runtime_error(PQerrorMessage(connection_));
        }
        const auto cell = [result](int column) {
            return std::as_bytes(std::span(PQgetvalue(result, 0, column),
                                           static_cast<std::size_t>(PQgetlength(result, 0, column))));
        };
        Agent agent{read_integer<std::int64_t>(cell(0)), std::string(as_text(cell(1))),
                    std::bit_cast<double>(read_integer<std::int64_t>(cell(2)))};
        PQclear(result);
        return agent;
    }

private:
    PGconn* connection_;
};

double microseconds_each(Clock::duration elapsed) {
    return std::chrono::duration<double, std::micro>(elapsed).count() / kBatch;
}

double lower_quartile(std::vector<double> values) {
    const auto quarter = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 4);
    std::ranges::nth_element(values, quarter);
    return *quarter;
}

double run_bare(BareConnection& bare) {
    const auto start = Clock::now();
    for (int i = 0; i < kBatch; ++i) {
        if (bare.agent_by_id(i % 1000 + 1).id != i % 1000 + 1) throw std::runtime_error("wrong row");
    }
    return microseconds_each(Clock::now() - start);
}

Task<double> run_connection(Connection& connection) {
    const auto start = Clock::now();
    for (std::int64_t i = 0; i < kBatch; ++i) {
        const auto agent = co_await connection.one<Agent>(kAgentById, i % 1000 + 1);
        if (agent.id != i % 1000 + 1) throw std::runtime_error("wrong row");
    }
    co_return microseconds_each(Clock::now() - start);
}

Task<double> run_pool(Pool& pool) {
    const auto start = Clock::now();
    for (std::int64_t i = 0; i < kBatch; ++i) {
        auto lease = co_await pool.acquire();
        const auto agent = co_await lease->one<Agent>(kAgentById, i % 1000 + 1);
        if (agent.id != i % 1000 + 1) throw std::runtime_error("wrong row");
    }
    co_return microseconds_each(Clock::now() - start);
}

struct Samples {
    std::vector<double> bare, connection, pool;
};

std::vector<unsigned> our_cores() {
    cpu_set_t cores;
    if (::sched_getaffinity(0, sizeof cores, &cores) != 0)
        throw std::system_error(errno, std::generic_category(), "cannot tell which cores there are");
    std::vector<unsigned> numbers;
    for (unsigned core = 0; core < CPU_SETSIZE; ++core) {
        if (CPU_ISSET(core, &cores)) numbers.push_back(core);
    }
    return numbers;
}

void keep_on_core(pid_t process, unsigned core) {
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET(core, &cores);
    if (::sched_setaffinity(process, sizeof cores, &cores) != 0)
        throw std::system_error(errno, std::generic_category(), "cannot keep a process on a core");
}

Task<Samples> measure(const char* dsn, unsigned servers_core) {
    auto connection = co_await Connection::open({.dsn = dsn});
    co_await connection->script(kPrepareData);
    BareConnection bare(dsn);
    Pool pool(co_await boost::asio::this_coro::executor, {.connect = {.dsn = dsn}, .size = 1});
    keep_on_core(bare.backend_pid(), servers_core);
    keep_on_core(connection->backend_pid(), servers_core);
    keep_on_core((co_await pool.acquire())->backend_pid(), servers_core);
    Samples samples;
    for (int round = -kWarmUpRounds; round < kRounds; ++round) {
        const double by_hand = run_bare(bare);
        const double by_connection = co_await run_connection(*connection);
        const double by_pool = co_await run_pool(pool);
        if (round < 0) continue;
        samples.bare.push_back(by_hand);
        samples.connection.push_back(by_connection);
        samples.pool.push_back(by_pool);
    }
    co_await connection->script("drop table bench_agents");
    co_return samples;
}

Samples run(const char* dsn, unsigned servers_core) {
    boost::asio::io_context context(1);
    Samples samples;
    std::exception_ptr failure;
    boost::asio::co_spawn(context, measure(dsn, servers_core),
                          [&](std::exception_ptr error, Samples measured) {
                              failure = error;
                              samples = std::move(measured);
                          });
    context.run();
    if (failure) std::rethrow_exception(failure);
    return samples;
}

void report(const char* where, const Samples& samples) {
    const double bare = lower_quartile(samples.bare);
    const double connection = lower_quartile(samples.connection);
    const double pool = lower_quartile(samples.pool);
    std::println(
        "server on {} core, microseconds for a row by prepared statement: libpq {:.2f}, connection {:.2f}, "
        "pool {:.2f}; ratio to libpq: connection {:.3f}, pool with one lease a query {:.3f}",
        where, bare, connection, pool, connection / bare, pool / bare);
}

}  // namespace

int main() {
    // Before any second thread. NOLINTNEXTLINE(concurrency-mt-unsafe)
    const char* dsn = std::getenv("SINGULARITY_TEST_DSN");
    if (!dsn) {
        std::fputs("pgclient_bench: SINGULARITY_TEST_DSN is not set; run it through test/with_cluster\n",
                   stderr);
        return 77;
    }
    try {
        const std::vector<unsigned> cores = our_cores();
        keep_on_core(0, cores.front());
        report("the same", run(dsn, cores.front()));
        if (cores.size() > 1) report("another", run(dsn, cores.back()));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "pgclient_bench: %s\n", error.what());
        return 1;
    }
}
