#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backbone.hpp"
#include "core/format.hpp"
#include "pgclient/error.hpp"
#include "schema/names.hpp"

namespace singularity::schema::test {
namespace {

constexpr std::string_view kDenied = "42501";

std::string login_failure(std::string_view role, std::string_view database) {
    try {
        Database(database, role);
        return {};
    } catch (const pgclient::DbError& error) {
        return error.what();
    }
}

TEST(Login, every_service_enters_its_own_database_and_the_bus) {
    for (const std::string_view part : parts()) {
        EXPECT_EQ(login_failure(database_of(part, kFirstInstance).owner, part), "") << part;
        EXPECT_EQ(login_failure("console", part), "") << part;
    }
    for (const std::string_view role : {"singularity", "genesis", "nexus"}) {
        EXPECT_EQ(login_failure(role, "shared_queue"), "") << role;
    }
}

TEST(Login, nobody_enters_elsewhere) {
    for (const std::string_view role : {"singularity", "genesis", "nexus", "centralcloud", "replication"}) {
        for (const std::string_view database :
             {"postgres", "template1", "shared_queue", "singularity", "centralcloud", "genesis", "nexus"}) {
            if (role == database || (database == "shared_queue" && role != "replication")) continue;
            if (role == "replication" && database == "centralcloud") continue;
            if (role == "nexus" && database == "singularity")
                continue;  // where it may note that answers were taken
            if (role == "nexus" && database == "genesis") continue;  // where it may have jobs cancelled
            EXPECT_THAT(login_failure(role, database), testing::HasSubstr("permission denied for database"))
                << role << " in " << database;
        }
    }
}

TEST(Login, nexus_may_take_answers_of_an_instance_and_do_nothing_else_there) {
    Database nexus("singularity", "nexus");
    EXPECT_EQ(nexus.failure("select api.take_answers(array['r1'])"), "");
    for (const std::string_view denied :
         {"select 1 from public.answers", "select public.take_answers(array['r1'])",
          "select api.answers(array['r1'])", "select 1 from api.jobs", "select pgmq.send('outbox', '{}')",
          "create table public.mine ()"}) {
        EXPECT_EQ(nexus.failure(std::string(denied)), kDenied) << denied;
    }
}

TEST(Login, nexus_may_cancel_jobs_and_do_nothing_else_in_genesis) {
    Database nexus("genesis", "nexus");
    EXPECT_EQ(nexus.value("select api.cancel_job('nobodys')"), "cancelling");
    for (const std::string_view denied :
         {"select 1 from public.jobs", "select 1 from api.jobs", "select api.job_result('r1')",
          "select 1 from public.inbox", "select pgmq.send('outbox', '{}')", "create table public.mine ()"}) {
        EXPECT_EQ(nexus.failure(std::string(denied)), kDenied) << denied;
    }
}

TEST(Login, a_role_of_nobodys_enters_nothing) {
    Database admin("postgres");
    admin.script("create role stranger login");
    for (const std::string& database : admin.column("select datname from pg_database where datallowconn")) {
        EXPECT_EQ(
            admin.value(core::format("select has_database_privilege('stranger', '{}', 'connect')", database)),
            "false")
            << database;
    }
    admin.script("drop role stranger");
}

TEST(Console, reads_every_view_of_api_and_nothing_else) {
    for (const std::string_view part : parts()) {
        Database database(part, "console");
        for (const std::string& view : database.column(
                 "select format('%I.%I', schemaname, viewname) from pg_views where schemaname = 'api'")) {
            EXPECT_EQ(database.failure("select * from " + view), "") << part << ": " << view;
        }
        for (const std::string& table : database.column(
                 "select c.oid::regclass from pg_class c where c.relkind in ('r', 'v') and c.relnamespace in"
                 " (select oid from pg_namespace where nspname in ('public', 'central', 'pgmq', 'learning', "
                 "'merging'))"
                 " and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')")) {
            EXPECT_EQ(database.failure("select * from " + table), kDenied) << part << ": " << table;
        }
    }
}

TEST(Replicas, refuse_everybody_but_apply) {
    struct Replica {
        std::string_view database, table, owner;
    };
    for (const auto& [name, table, owner] :
         {Replica{"singularity", "central.approved_patterns", "singularity"},
          {"genesis", "central.job_statistics", "genesis"},
          {"genesis", "central.execution_metrics", "genesis"}}) {
        for (const std::string_view role : {std::string_view{}, owner, std::string_view("console")}) {
            Database database(name, role);
            for (const std::string_view statement : {"insert into {} default values", "update {} set id = id",
                                                     "delete from {}", "truncate {}"}) {
                std::string sql(statement);
                sql.replace(sql.find("{}"), 2, table);
                const std::string failure = database.failure(sql);
                EXPECT_THAT(failure, testing::AnyOf(kDenied, "25006")) << sql << " as " << role;
            }
        }
    }
}

TEST(Bus, a_sender_only_sends_and_a_reader_only_reads) {
    Database sender("shared_queue", "singularity");
    Database reader("shared_queue", "genesis");
    Database outsider("shared_queue", "nexus");
    EXPECT_EQ(sender.failure("select pgmq.send('job_requests', '{}')"), "");
    EXPECT_EQ(sender.failure("select * from pgmq.read('job_requests', 0, 1)"), kDenied);
    EXPECT_EQ(sender.failure("select message from pgmq.q_job_requests"), kDenied);
    EXPECT_EQ(sender.failure("select pgmq.drop_queue('job_requests')"), kDenied);
    EXPECT_EQ(outsider.failure("select pgmq.send('job_results', '{}')"), kDenied);
    EXPECT_EQ(outsider.failure("select * from pgmq.read('job_results', 0, 1)"), kDenied);
    EXPECT_EQ(reader.failure("select pgmq.send('job_requests', '{}')"), kDenied);
    EXPECT_EQ(
        reader.value("select pgmq.archive('job_requests', msg_id) from pgmq.read('job_requests', 30, 1)"),
        "true");
    EXPECT_EQ(reader.failure("select * from pgmq.a_job_requests"), kDenied);
}

TEST(Bus, only_its_owner_makes_queues_and_policies) {
    for (const std::string_view role : {"singularity", "genesis", "nexus", "console"}) {
        Database database("shared_queue", role);
        EXPECT_EQ(database.failure("select public.ensure_queues()"), kDenied) << role;
        EXPECT_EQ(database.failure("select pgmq.create('mine')"), kDenied) << role;
        EXPECT_EQ(database.failure("update public.queue_policies set keep = '1 day'"),
                  role == "console" ? "25006" : kDenied)
            << role;
    }
}

TEST(Bus, ensure_queues_may_be_called_again_and_beside_itself) {
    Database one("shared_queue", "centralcloud");
    Database two("shared_queue", "centralcloud");
    EXPECT_TRUE(one.column("select public.ensure_queues()").empty());
    one.script("select pgmq.drop_queue('agent_messages')");
    EXPECT_EQ(two.column("select public.ensure_queues()"), std::vector<std::string>{"agent_messages"});
    EXPECT_EQ(Database("shared_queue", "singularity").failure("select pgmq.send('agent_messages', '{}')"),
              "");
    one.script("select pgmq.purge_queue('agent_messages')");
}

TEST(Bus, whoever_reads_may_bury_what_cannot_be_handled) {
    Database sender("shared_queue", "singularity");
    Database reader("shared_queue", "genesis");
    Database owner("shared_queue", "centralcloud");
    sender.script("select pgmq.send('job_requests', '{\"request_id\": \"r\"}')");
    EXPECT_EQ(reader.value("select queue.retry('job_requests', msg_id, read_ct, '0', 'not yet')"
                           " from pgmq.read('job_requests', 30, 1)"),
              "true");
    EXPECT_EQ(reader.value("select queue.bury('job_requests', msg_id, read_ct, 'never') is not null"
                           " from pgmq.read('job_requests', 30, 1)"),
              "true");
    EXPECT_EQ(reader.failure("select message from pgmq.q_dead_letters"), kDenied);
    EXPECT_EQ(owner.value("select concat_ws(' ', queue_name, reason, attempts) from queue.dead_letters"),
              "job_requests never 2");
    EXPECT_EQ(
        owner.value("select queue_name from queue.revive(array(select msg_id from queue.dead_letters))"),
        "job_requests");
    owner.script("select pgmq.purge_queue('job_requests')");
}

constexpr char kCarried[] =
    "select pgmq.archive('outbox', pgmq.send('outbox', '\"old\"'));"
    "select pgmq.archive('outbox', pgmq.send('outbox', '\"young\"'));"
    "update pgmq.a_outbox set archived_at = now() - interval '91 days' where message = '\"old\"'";
constexpr char kArchived[] = "select string_agg(message #>> '{}', ' ') from pgmq.a_outbox";

TEST(History, what_is_old_goes_and_what_is_young_or_waits_stays) {
    Database instance("singularity", "singularity");
    instance.script(
        "insert into public.inbox (queue, request_id, received_at)"
        " values ('q', 'old', now() - interval '91 days'), ('q', 'young', now());"
        "insert into public.learning_sync_log (queue, request_id, name, ecosystem, revision, local_msg_id,"
        "  shared_msg_id, sent_at)"
        " values ('q', 'old', 'n', 'cpp', 1, 1, 1, now() - interval '91 days'),"
        "  ('q', 'young', 'n', 'cpp', 2, 2, 2, now())");
    instance.script(kCarried);
    EXPECT_EQ(instance.value("select public.prune_history()"), "3");
    EXPECT_EQ(instance.value(kArchived), "young");
    EXPECT_EQ(instance.column("select request_id from public.inbox where queue = 'q' union all"
                              " select request_id from public.learning_sync_log where queue = 'q'"),
              (std::vector<std::string>{"young", "young"}));
    instance.script(
        "delete from public.inbox; delete from public.learning_sync_log; delete from pgmq.a_outbox");

    Database nexus("nexus", "nexus");
    nexus.script(kCarried);
    EXPECT_EQ(nexus.value("select public.prune_history()"), "1");
    EXPECT_EQ(nexus.value(kArchived), "young");
    nexus.script("delete from pgmq.a_outbox");

    Database hub("centralcloud", "centralcloud");
    hub.script(
        "insert into public.inbox (queue, request_id, received_at)"
        " values ('q', 'old', now() - interval '91 days'), ('q', 'young', now());"
        "insert into central.sync_log (instance_id, operation, entity, synced_at)"
        " values ('i', 'pattern_waiting', 'old', now() - interval '91 days'),"
        "  ('i', 'pattern_waiting', 'young', now());"
        "insert into public.instance_updates (request_id, instance_id, event_type, patterns, insights, "
        "received_at)"
        " values ('old', 'i', 'e', '[]', '[]', now() - interval '91 days'), ('young', 'i', 'e', '[]', '[]', "
        "now())");
    EXPECT_EQ(hub.value("select public.prune_history()"), "3");
    EXPECT_EQ(hub.column("select request_id from public.instance_updates"),
              std::vector<std::string>{"young"});
    EXPECT_EQ(hub.column("select entity from central.sync_log where instance_id = 'i'"),
              std::vector<std::string>{"young"});
    hub.script(
        "delete from public.inbox; delete from public.instance_updates;"
        "delete from central.sync_log where instance_id = 'i'");
}

TEST(Schedule, learning_is_scheduled_and_its_outcome_can_be_seen) {
    Database console("singularity", "console");
    EXPECT_EQ(
        console.column("select concat_ws(' | ', name, schedule, database, role) from api.jobs order by name"),
        (std::vector<std::string>{"fold queue latencies | 30 seconds | shared_queue | centralcloud",
                                  "forget unique keys in genesis | 13 * * * * | genesis | postgres",
                                  "forget unique keys in nexus | 19 * * * * | nexus | postgres",
                                  "forget unique keys in shared_queue | 7 * * * * | shared_queue | postgres",
                                  "forget unique keys in singularity | 11 * * * * | singularity | postgres",
                                  "learn in singularity | */5 * * * * | singularity | singularity",
                                  "prune history of centralcloud | 29 3 * * * | centralcloud | centralcloud",
                                  "prune history of genesis | 31 3 * * * | genesis | genesis",
                                  "prune history of nexus | 37 3 * * * | nexus | nexus",
                                  "prune history of singularity | 23 3 * * * | singularity | singularity",
                                  "prune queue archives | 17 3 * * * | shared_queue | centralcloud",
                                  "prune statistics in genesis | 47 3 * * * | genesis | genesis",
                                  "prune the schedule's history | 41 3 * * * | singularity | postgres",
                                  "publish execution metrics of centralcloud | * * * * * | centralcloud | "
                                  "centralcloud",
                                  "refresh insights in genesis | * * * * * | genesis | genesis"}));
    Database admin("singularity");
    admin.script(
        "select cron.alter_job(jobid, schedule => '1 seconds') from cron.job where jobname = 'learn in "
        "singularity'");
    EXPECT_EQ(
        wait_for(
            console,
            "select coalesce((select last_status from api.jobs where name = 'learn in singularity'), '')",
            "succeeded"),
        "succeeded");
    admin.script(
        "select cron.alter_job(jobid, schedule => '*/5 * * * *') from cron.job where jobname = 'learn in "
        "singularity'");
}

}  // namespace
}  // namespace singularity::schema::test
