// For tests against a real server: a database of one's own, a cluster of one's own, and a way to run
// coroutines. The server is the one that test/with_cluster provides.
#pragma once

#include "pgclient/connection.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <optional>
#include <string>
#include <utility>

namespace singularity::pgclient::testing {

// The shared server's DSN. Without one, says so and ends the process with 77, which means skipped.
const std::string& server_dsn();

// Created empty, dropped with everybody's connections to it.
class TestDatabase {
public:
    TestDatabase();
    ~TestDatabase();
    TestDatabase(const TestDatabase&) = delete;
    TestDatabase& operator=(const TestDatabase&) = delete;

    const std::string& name() const { return name_; }
    std::string dsn() const { return server_dsn() + " dbname=" + name_; }

private:
    std::string name_;
};

// A cluster for a test that stops its server; test/with_cluster removes it when this ends.
class OwnCluster {
public:
    OwnCluster();
    ~OwnCluster();
    OwnCluster(const OwnCluster&) = delete;
    OwnCluster& operator=(const OwnCluster&) = delete;

    const std::string& dsn() const { return dsn_; }
    // start, stop, restart, kill: as SINGULARITY_TEST_CTL. Returns when it is done; throws if it failed.
    void control(const std::string& verb) const;

private:
    int child_ = -1;
    int to_child_ = -1;
    std::string dsn_;
    std::string ctl_;
};

// Runs a coroutine to its end on an io_context of its own, with everything that it spawned.
template <class F>
void run(F&& coroutine) {
    boost::asio::io_context context(1);
    std::exception_ptr failure;
    boost::asio::co_spawn(context, std::forward<F>(coroutine),
                          [&](std::exception_ptr thrown) { failure = thrown; });
    context.run();
    if (failure) std::rethrow_exception(failure);
}

// What a call threw; nothing if it succeeded.
template <class T>
Task<std::optional<DbError>> failure_of(Task<T> call) {
    try {
        (void)co_await std::move(call);
    } catch (const DbError& error) {
        co_return error;
    }
    co_return std::nullopt;
}

// Waits until `condition`, a boolean SQL expression, holds in the database: what another session does.
Task<void> until(Connection& observer, std::string condition);

// A statement that runs longer than any test.
inline constexpr Query kSleep{"sleep", "select pg_sleep(600)"};

// Whether a backend is busy with a statement that contains `text`.
std::string is_running(int backend_pid, const std::string& text);

}  // namespace singularity::pgclient::testing
