#include "backbone.hpp"

#include <boost/asio.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <thread>

#include "core/format.hpp"
#include "pgclient/error.hpp"
#include "schema/names.hpp"
#include "schema/roles.hpp"
#include "schema/sql_text.hpp"
#include "schema/subscriptions.hpp"

namespace singularity::schema::test {

namespace {

std::string environment(const char* name) {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
    if (value != nullptr && *value != '\0') return value;
    std::fprintf(stderr, "%s is not set: run this through test/with_cluster\n", name);
    std::exit(77);  // NOLINT(concurrency-mt-unsafe)
}

}  // namespace

std::string admin_dsn() {
    return environment("SINGULARITY_TEST_DSN");
}

std::filesystem::path passfile() {
    return std::filesystem::path(environment("PGHOST")) / "pgpass";
}

std::string dsn_of(std::string_view role, std::string_view database) {
    return core::format("host={} user={} dbname={} passfile={}", environment("PGHOST"), role, database,
                        passfile().string());
}

BootstrapOptions bootstrap_options(std::string instance_id) {
    return {.admin_dsn = admin_dsn(),
            .socket_dir = environment("PGHOST"),
            .passfile = passfile(),
            .instance_id = std::move(instance_id),
            .database_urls = {},
            .replication = {},
            .on_step = {}};
}

template <class T>
T Database::wait(boost::asio::awaitable<T> work) {
    std::exception_ptr failure;
    std::optional<T> result;
    boost::asio::co_spawn(loop_, std::move(work), [&](std::exception_ptr thrown, T value) {
        failure = thrown;
        if (!thrown) result.emplace(std::move(value));
        loop_.stop();  // the connection's own timers go on
    });
    loop_.restart();
    loop_.run();
    if (failure) std::rethrow_exception(failure);
    return std::move(*result);
}

Database::Database(std::string_view name, std::string_view role) {
    const std::string dsn = role.empty() ? with_database(admin_dsn(), name) : dsn_of(role, name);
    connection_ = wait(pgclient::Connection::open({.dsn = dsn}));
}

void Database::script(std::string_view sql) {
    wait([](pgclient::Connection& connection, std::string_view text) -> boost::asio::awaitable<bool> {
        co_await connection.script(text);
        co_return true;
    }(*connection_, sql));
}

std::vector<std::string> Database::column(std::string_view sql) {
    std::string text = core::format("select coalesce(it::text, '(null)') from ({}) as rows (it)", sql);
    const std::string name = core::format("test.{:x}", std::hash<std::string>{}(text));
    const auto known = statements_.try_emplace(name, std::move(text)).first;
    return wait(connection_->rows<std::string>(pgclient::Query{known->first, known->second}));
}

std::string Database::value(std::string_view sql) {
    const auto rows = column(sql);
    if (rows.size() != 1) throw std::runtime_error(core::format("{} rows: {}", rows.size(), sql));
    return rows[0];
}

std::string Database::failure(std::string_view sql) {
    try {
        script(sql);
        return {};
    } catch (const pgclient::DbError& error) {
        return error.sqlstate();
    }
}

std::string wait_for(Database& database, std::string_view sql, std::string_view wanted) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    for (;;) {
        std::string seen = database.value(sql);
        if (seen == wanted || std::chrono::steady_clock::now() > deadline) return seen;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

void configure_server() {
    Database admin("postgres");
    for (const std::string_view setting :
         {"cron.database_name = 'singularity'", "max_logical_replication_workers = 16"}) {
        admin.script(core::format("alter system set {}", setting));
    }
    const std::string restart = environment("SINGULARITY_TEST_CTL") + " restart";
    // NOLINTNEXTLINE(concurrency-mt-unsafe)
    if (std::system(restart.c_str()) != 0) throw std::runtime_error("the test server does not restart");
}

void tear_down(const std::vector<std::string>& instances) {
    Database admin("postgres");
    for (const std::string& instance : instances) {
        for (const Subscription& subscription : subscriptions_of(instance)) {
            const std::string name = database_of(subscription.part, instance).name;
            if (admin.column(core::format("select 1 from pg_database where datname = '{}'", name)).empty())
                continue;
            Database subscriber(name);
            if (subscriber
                    .column(core::format("select 1 from pg_subscription where subname = '{}' and subdbid ="
                                         " (select oid from pg_database where datname = current_database())",
                                         subscription.name))
                    .empty()) {
                continue;
            }
            subscriber.script(core::format("alter subscription {} disable", subscription.name));
            subscriber.script(
                core::format("alter subscription {} set (slot_name = none)", subscription.name));
            subscriber.script(core::format("drop subscription {}", subscription.name));
        }
    }
    const std::string slots = "select slot_name::text from pg_replication_slots";
    for (const std::string& slot : admin.column(slots)) {
        wait_for(admin, core::format("select active from pg_replication_slots where slot_name = '{}'", slot),
                 "false");
        admin.script(core::format("select pg_drop_replication_slot('{}')", slot));
    }
    for (const std::string& instance : instances) {
        for (const std::string_view part : parts()) {
            admin.script(
                core::format("drop database if exists {} with (force)", database_of(part, instance).name));
        }
    }
    for (const Role& role : roles()) admin.script(core::format("drop role if exists {}", role.name));
    std::filesystem::remove(passfile());
}

}  // namespace singularity::schema::test
