// The throw-away cluster that a test program works in, and ways to ask it.
//
// The server is test/with_cluster's: SINGULARITY_TEST_DSN and PGHOST tell where, SINGULARITY_TEST_CTL
// restarts it. A program runs in a cluster of its own, because the bootstrap makes fixed names.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pgclient/connection.hpp"
#include "schema/bootstrap.hpp"

namespace singularity::schema::test {

// Exits with 77 if there is no server.
std::string admin_dsn();

std::filesystem::path passfile();

// As a role that logs in with its password.
std::string dsn_of(std::string_view role, std::string_view database);

BootstrapOptions bootstrap_options(std::string instance_id = "singularity");

// Runs a coroutine to its end on a loop of its own, and rethrows what it throws.
template <class T>
T run(boost::asio::awaitable<T> work) {
    boost::asio::io_context loop(1);
    std::exception_ptr failure;
    if constexpr (std::is_void_v<T>) {
        boost::asio::co_spawn(loop, std::move(work), [&](std::exception_ptr thrown) { failure = thrown; });
        loop.run();
        if (failure) std::rethrow_exception(failure);
    } else {
        std::optional<T> result;
        boost::asio::co_spawn(loop, std::move(work), [&](std::exception_ptr thrown, T value) {
            failure = thrown;
            if (!thrown) result.emplace(std::move(value));
        });
        loop.run();
        if (failure) std::rethrow_exception(failure);
        return std::move(*result);
    }
}

// A connection that blocks: tests read better so. Opened as the operator unless a role is named.
class Database {
public:
    explicit Database(std::string_view name, std::string_view role = "");

    void script(std::string_view sql);
    // The first column of all rows, as text; null is "(null)".
    std::vector<std::string> column(std::string_view sql);
    // One row of one column.
    std::string value(std::string_view sql);
    // The SQLSTATE with which a statement fails; empty if it succeeds.
    std::string failure(std::string_view sql);

private:
    boost::asio::io_context loop_{1};
    std::map<std::string, std::string> statements_;  // by name; a connection keeps views of both
    std::unique_ptr<pgclient::Connection> connection_;

    template <class T>
    T wait(boost::asio::awaitable<T> work);
};

// Asks every few milliseconds until the query's value is `wanted`; the last value it saw after a minute.
std::string wait_for(Database& database, std::string_view sql, std::string_view wanted);

// Settings of a real cluster: where pg_cron lives, workers for more than one instance. Takes a restart.
void configure_server();

// Drops everything that a bootstrap makes, so that the next one begins anew.
void tear_down(const std::vector<std::string>& instances = {"singularity"});

}  // namespace singularity::schema::test
