#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <random>
#include <set>
#include <thread>

#include "backbone.hpp"
#include "core/format.hpp"
#include "pgclient/error.hpp"
#include "schema/names.hpp"
#include "schema/passfile.hpp"
#include "schema/replication.hpp"
#include "schema/sql_text.hpp"

namespace singularity::schema::test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

// Everything that a second bootstrap could have touched: catalogue rows with the transactions that wrote
// them.
std::vector<std::string> fingerprint(const std::string& instance = "singularity") {
    std::vector<std::string> lines;
    const auto add = [&lines](Database& database, std::string_view sql) {
        for (std::string& line : database.column(sql)) lines.push_back(std::move(line));
    };
    Database admin("postgres");
    add(admin,
        "select rolname || xmin || rolpassword from pg_authid where rolname !~ '^pg_' and rolcanlogin");
    add(admin, "select oid::text || xmin from pg_database");
    add(admin, "select setdatabase || setrole::text || xmin from pg_db_role_setting");
    add(admin, "select subname || xmin || subconninfo from pg_subscription");
    for (const std::string_view part : parts()) {
        Database database(database_of(part, instance).name);
        for (const std::string_view catalogue :
             {"pg_class", "pg_proc", "pg_namespace", "pg_extension", "pg_publication", "pg_default_acl"}) {
            // The operator's script replaces what it holds each time, with the same.
            add(database,
                core::format(
                    "select '{0} ' || max(xmin::text::bigint) from {0}"
                    " where oid::regclass::text !~ '^api.(jobs|scheduled_jobs)$'"
                    "  and oid::regproc::text <> 'api.scheduled_jobs' and oid::regclass::text !~ '^pg_'",
                    catalogue));
        }
    }
    return lines;
}

std::string status(const std::string& instance) {
    const auto dsn_of_part = [instance](std::string_view part) {
        return with_database(admin_dsn(), database_of(part, instance).name);
    };
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    for (;;) {
        const auto health = judge(run(replication_state(instance, dsn_of_part)), subscriptions_of(instance));
        if (health.status == "healthy" || std::chrono::steady_clock::now() > deadline) return health.status;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
}

class Bootstrapping : public testing::Test {
protected:
    void TearDown() override { tear_down({"singularity", "eu"}); }
};

TEST_F(Bootstrapping, makes_everything_and_then_changes_nothing) {
    run(bootstrap(bootstrap_options()));
    EXPECT_EQ(status("singularity"), "healthy");
    const auto before = fingerprint();
    std::vector<std::string> steps;
    BootstrapOptions again = bootstrap_options();
    again.on_step = [&steps](std::string_view step) { steps.emplace_back(step); };
    run(bootstrap(again));
    EXPECT_THAT(steps, Not(Contains(HasSubstr("migration"))));
    EXPECT_EQ(fingerprint(), before);
}

TEST_F(Bootstrapping, keeps_passwords_to_its_owner_and_they_work) {
    run(bootstrap(bootstrap_options()));
    struct stat status{};
    ASSERT_EQ(stat(passfile().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u);
    for (const std::string_view role : {"singularity", "centralcloud", "genesis", "nexus", "console"}) {
        EXPECT_EQ(Database("shared_queue", role).value("select current_user"), role);
    }
}

TEST_F(Bootstrapping, mends_a_lost_passfile_and_a_changed_password) {
    run(bootstrap(bootstrap_options()));
    std::filesystem::remove(passfile());
    run(bootstrap(bootstrap_options()));
    EXPECT_EQ(Database("nexus", "nexus").value("select current_user"), "nexus");
    Database("postgres").script("alter role nexus password 'other'");
    run(bootstrap(bootstrap_options()));
    EXPECT_EQ(Database("nexus", "nexus").value("select current_user"), "nexus");
    EXPECT_EQ(status("singularity"), "healthy");
}

TEST_F(Bootstrapping, stopped_before_any_step_is_completed_by_the_next) {
    std::set<std::string> seen;
    BootstrapOptions options = bootstrap_options();
    options.on_step = [&seen](std::string_view step) {
        if (seen.emplace(step).second) throw std::runtime_error("stopped");
    };
    for (bool done = false; !done;) {
        try {
            run(bootstrap(options));
            done = true;
        } catch (const std::runtime_error& error) {
            ASSERT_STREQ(error.what(), "stopped");
        }
    }
    EXPECT_GT(seen.size(), 25u) << "roles, databases, migrations, publications, subscriptions, the schedule";
    EXPECT_EQ(status("singularity"), "healthy");
}

// A child that is killed at a random moment leaves what the next one completes.
TEST_F(Bootstrapping, killed_anywhere_is_completed_by_the_next) {
    std::mt19937 random(static_cast<unsigned>(::getpid()));
    int killed = 0;
    for (int round = 0; round < 3; ++round) {
        for (int attempt = 0; attempt < 12; ++attempt) {
            const pid_t child = ::fork();
            ASSERT_GE(child, 0);
            if (child == 0) {
                run(bootstrap(bootstrap_options()));
                ::_exit(0);
            }
            std::this_thread::sleep_for(
                std::chrono::milliseconds(std::uniform_int_distribution(5, 400)(random)));
            ::kill(child, SIGKILL);
            int result = 0;
            ::waitpid(child, &result, 0);
            killed += WIFSIGNALED(result) ? 1 : 0;
        }
        run(bootstrap(bootstrap_options()));
        EXPECT_EQ(status("singularity"), "healthy") << "round " << round;
        EXPECT_EQ(Database("singularity", "singularity").value("select id from public.instance"),
                  "singularity");
        tear_down();
    }
    EXPECT_GT(killed, 3);
}

TEST_F(Bootstrapping, two_at_once_take_turns) {
    std::vector<std::thread> threads;
    std::vector<std::string> failures(3);
    threads.reserve(failures.size());
    for (std::string& failure : failures) {
        threads.emplace_back([&failure] {
            try {
                run(bootstrap(bootstrap_options()));
            } catch (const std::exception& error) {
                failure = error.what();
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_THAT(failures, testing::Each(IsEmpty()));
    EXPECT_EQ(status("singularity"), "healthy");
}

TEST_F(Bootstrapping, a_second_instance_has_a_database_of_its_own_and_shares_the_hub) {
    run(bootstrap(bootstrap_options()));
    run(bootstrap(bootstrap_options("eu")));
    EXPECT_EQ(status("singularity"), "healthy");
    EXPECT_EQ(status("eu"), "healthy");
    Database hub("centralcloud", "centralcloud");
    hub.script("insert into approved_patterns (name, ecosystem, confidence) values ('shared', 'cpp', 0.9)");
    for (const std::string_view name : {"singularity", "singularity_eu"}) {
        Database replica(name, "singularity");
        EXPECT_EQ(wait_for(replica, "select count(*) from approved_patterns", "1"), "1") << name;
    }
    EXPECT_EQ(Database("singularity_eu", "singularity").value("select public.instance_id()"), "eu");
}

TEST_F(Bootstrapping, a_database_of_another_instance_is_refused) {
    run(bootstrap(bootstrap_options()));
    Database("singularity").script("update public.instance set id = 'other'");
    try {
        run(bootstrap(bootstrap_options()));
        FAIL();
    } catch (const BootstrapError& error) {
        EXPECT_EQ(error.error().code, core::ErrorCode::refused);
        EXPECT_THAT(error.what(), HasSubstr(R"(belongs to instance "other")"));
    }
}

TEST_F(Bootstrapping, corrects_the_address_of_a_subscription) {
    run(bootstrap(bootstrap_options()));
    Database admin("singularity");
    const std::string address = "select subconninfo from pg_subscription where subname = 'patterns_sub'";
    const std::string before = admin.value(address);
    admin.script(
        "alter subscription patterns_sub disable;"
        "alter subscription patterns_sub connection 'host=/nowhere';"
        "alter subscription patterns_sub enable");
    run(bootstrap(bootstrap_options()));
    EXPECT_EQ(admin.value(address), before);
    EXPECT_EQ(status("singularity"), "healthy");
}

TEST_F(Bootstrapping, copies_anew_where_a_subscription_was_dropped) {
    run(bootstrap(bootstrap_options()));
    EXPECT_EQ(status("singularity"), "healthy");
    Database hub("centralcloud", "centralcloud");
    Database replica("singularity");
    hub.script("insert into approved_patterns (name, ecosystem, confidence) values ('old', 'cpp', 0.9)");
    wait_for(replica, "select count(*) from approved_patterns", "1");
    for (const std::string_view statement :
         {"alter subscription patterns_sub disable", "alter subscription patterns_sub set (slot_name = none)",
          "drop subscription patterns_sub"}) {
        replica.script(statement);
    }
    wait_for(hub, "select active from pg_replication_slots where slot_name = 'patterns_sub'", "false");
    Database("centralcloud").script("select pg_drop_replication_slot('patterns_sub')");
    hub.script(
        "insert into approved_patterns (name, ecosystem, confidence) values ('new', 'cpp', 0.9);"
        "delete from approved_patterns where name = 'old'");
    run(bootstrap(bootstrap_options()));
    EXPECT_EQ(wait_for(replica, "select string_agg(name, ' ') from approved_patterns", "new"), "new");
    EXPECT_EQ(status("singularity"), "healthy");
}

TEST_F(Bootstrapping, takes_the_replication_password_that_it_is_given) {
    BootstrapOptions options = bootstrap_options();
    options.replication.password = "chosen by a person";
    run(bootstrap(options));
    EXPECT_EQ(Passfile::read(passfile()).password_of("replication"), "chosen by a person");
    EXPECT_EQ(status("singularity"), "healthy");
}

TEST_F(Bootstrapping, leaves_databases_alone_that_live_elsewhere) {
    BootstrapOptions options = bootstrap_options();
    for (const std::string part : {"nexus", "shared_queue"})
        options.database_urls[part] = "postgresql://elsewhere/" + part;
    run(bootstrap(options));
    EXPECT_THAT(Database("postgres").column("select datname from pg_database"),
                AllOf(Not(Contains("nexus")), Not(Contains("shared_queue"))));
    EXPECT_THAT(Database("singularity").column("select distinct database from cron.job"),
                UnorderedElementsAre("centralcloud", "genesis", "singularity"));
    EXPECT_EQ(status("singularity"), "healthy");
}

}  // namespace
}  // namespace singularity::schema::test
