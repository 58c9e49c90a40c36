#include "schema/bootstrap.hpp"

#include <boost/asio.hpp>
#include <map>
#include <memory>

#include "core/format.hpp"
#include "core/log.hpp"
#include "pgclient/migrator.hpp"
#include "schema/databases.hpp"
#include "schema/migrations.hpp"
#include "schema/names.hpp"
#include "schema/passfile.hpp"
#include "schema/roles.hpp"
#include "schema/schedule.hpp"
#include "schema/sql_text.hpp"
#include "schema/subscriptions.hpp"

namespace singularity::schema {

namespace {

using pgclient::Connection;
using pgclient::Query;
using pgclient::Task;

constexpr auto kTurn = std::chrono::minutes(2);  // while another bootstrap is at work

constexpr auto kPause = std::chrono::milliseconds(50);  // between two looks for that

constexpr Query kTakeTurn{"bootstrap.take_turn",
                          "select pg_try_advisory_lock(hashtextextended('singularity.bootstrap', 0))"};

// Held until the session ends, which outlives a process that was killed until its statement is over. In every
// database that is worked on: locks are each database's own. Who waits for one by SQL has a snapshot, which
// `create index concurrently` would wait for.
Task<void> take_turn(Connection& session) {
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
    const auto end = std::chrono::steady_clock::now() + kTurn;
    while (!co_await session.one<bool>(kTakeTurn)) {
        if (std::chrono::steady_clock::now() >= end) {
            throw BootstrapError(
                {core::ErrorCode::timeout, "another bootstrap has been at work for two minutes", {}});
        }
        timer.expires_after(kPause);
        co_await timer.async_wait(boost::asio::use_awaitable);
    }
}

template <class T>
T value_of(core::Expected<T> result) {
    if (!result) throw BootstrapError(std::move(result.error()));
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

class Bootstrap {
public:
    explicit Bootstrap(BootstrapOptions options) : options_(std::move(options)) {}

    Task<void> run() {
        operator_ = co_await open("postgres");
        co_await take_turn(*operator_);
        step("roles");
        keep_replication_password();
        co_await ensure_roles(*operator_, options_.passfile);
        co_await close_other_databases(*operator_);
        for (const std::string_view part : parts()) {
            if (here(part)) co_await make_database(database_of(part, options_.instance_id));
        }
        co_await replicate();
        co_await schedule();
    }

private:
    bool here(std::string_view part) const { return !options_.database_urls.contains(std::string(part)); }

    void step(std::string_view name) {
        if (options_.on_step) options_.on_step(name);
    }

    Task<std::unique_ptr<Connection>> open(std::string_view database) {
        return Connection::open({.dsn = with_database(options_.admin_dsn, database),
                                 .application_name = "singularity bootstrap"});
    }

    // The operator's session in one database of this cluster, opened once.
    Task<Connection*> session_in(std::string database) {
        auto& session = sessions_[database];
        if (!session) {
            session = co_await open(database);
            co_await take_turn(*session);
        }
        co_return session.get();
    }

    Task<void> make_database(Database database) {
        step(core::format("database {}", database.name));
        co_await ensure_database(*operator_, database);
        Connection* session = co_await session_in(database.name);
        co_await prepare_database(*session, database);
        const auto migrations = migrations_of(database.part);
        pgclient::Migrator migrator(*session, migrations,
                                    {.on_apply = [&](const pgclient::Migration& migration) {
                                        step(core::format("migration {}/{}", database.part, migration.name));
                                    }});
        for (const auto& applied : value_of(co_await migrator.apply())) {
            core::log::info("bootstrap.migration", {{"database", database.name}, {"file", applied.name}});
        }
        if (database.part == "singularity") {
            value_of(co_await claim_for_instance(*session, options_.instance_id));
        }
        if (database.part == "centralcloud") {
            step("publications");
            co_await ensure_publications(*session);
        }
    }

    bool publisher_elsewhere() const { return !options_.replication.host.empty(); }

    // A password that the configuration gives is this cluster's for its role, or another's for its host.
    void keep_replication_password() {
        const ReplicationSource& source = options_.replication;
        if (source.password.empty()) return;
        PassLine line{.user = std::string(kReplicationRole), .password = source.password};
        if (publisher_elsewhere()) {
            line = {.host = source.host,
                    .port = source.port.empty() ? "*" : source.port,
                    .user = source.user.empty() ? line.user : source.user,
                    .password = source.password};
        }
        Passfile passwords = Passfile::read(options_.passfile);
        if (passwords.set(line)) passwords.write();
    }

    std::string publisher_address() const {
        const ReplicationSource& source = options_.replication;
        const auto either = [&](const std::string& elsewhere, std::string_view here) {
            return publisher_elsewhere() && !elsewhere.empty() ? elsewhere : std::string(here);
        };
        return conninfo_setting("host", either(source.host, options_.socket_dir)) + " " +
               conninfo_setting("port", either(source.port, "5432")) + " " +
               conninfo_setting("dbname", either(source.database, "centralcloud")) + " " +
               conninfo_setting("user", either(source.user, kReplicationRole)) + " " +
               conninfo_setting("passfile", options_.passfile.string());
    }

    Task<void> replicate() {
        const std::string address = publisher_address();
        for (const Subscription& subscription : subscriptions_of(options_.instance_id)) {
            if (!here(subscription.part)) continue;
            step(core::format("subscription {}", subscription.name));
            Connection* publisher = co_await publisher_at(address);
            Connection* subscriber =
                co_await session_in(database_of(subscription.part, options_.instance_id).name);
            co_await ensure_subscription(*publisher, *subscriber, subscription, address);
        }
    }

    Task<Connection*> publisher_at(const std::string& address) {
        if (here("centralcloud") && !publisher_elsewhere()) co_return co_await session_in("centralcloud");
        if (!publisher_elsewhere_) {
            publisher_elsewhere_ =
                co_await Connection::open({.dsn = address, .application_name = "singularity bootstrap"});
        }
        co_return publisher_elsewhere_.get();
    }

    Task<void> schedule() {
        const Database instance = database_of("singularity", options_.instance_id);
        if (!here("singularity")) {
            core::log::warn("bootstrap.no_schedule", {{"elsewhere", instance.name}});
            co_return;
        }
        const std::string database = co_await schedule_database(*operator_);
        if (database != instance.name) {
            core::log::warn("bootstrap.no_schedule",
                            {{"pg_cron_database", database}, {"needed", instance.name}});
            co_return;
        }
        step("schedule");
        std::vector<Job> jobs = jobs_of(options_.instance_id, database);
        for (const std::string_view part : parts()) {
            if (here(part)) continue;
            std::erase_if(jobs, [name = database_of(part, options_.instance_id).name](const Job& job) {
                return job.database == name;
            });
        }
        Connection* session = co_await session_in(database);
        co_await ensure_schedule(*session, jobs);
    }

    BootstrapOptions options_;
    std::unique_ptr<Connection> operator_;  // on the maintenance database
    std::map<std::string, std::unique_ptr<Connection>> sessions_;
    std::unique_ptr<Connection> publisher_elsewhere_;
};

}  // namespace

Task<void> bootstrap(BootstrapOptions options) {
    Bootstrap work(std::move(options));
    co_await work.run();
}

}  // namespace singularity::schema
