// What is known of the bus while it works: latencies, alarms, the way of a request.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backbone.hpp"
#include "core/format.hpp"

namespace singularity::schema::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view kNextId = "nextval('pgmq.q_job_results_msg_id_seq')";

class BusWatch : public testing::Test {
protected:
    void SetUp() override {
        schedule(false);
        clear();
    }
    void TearDown() override {
        clear();
        schedule(true);
    }

    static void schedule(bool active) {
        Database("singularity")
            .script(core::format("select cron.alter_job(jobid, active => {}) from cron.job where jobname = "
                                 "'fold queue latencies'",
                                 active));
    }

    void clear() {
        for (const std::string_view queue : {"job_requests", "job_results", "dead_letters"}) {
            owner_.script(core::format("truncate pgmq.q_{0}, pgmq.a_{0}", queue));
        }
        Database("shared_queue").script("delete from queue.unique_keys");
        owner_.script("select public.fold_latencies()");  // what other tests archived
        owner_.script("truncate public.queue_latencies, public.latency_minutes");
    }

    // Ids as the queue gives them.
    static void archive(Database& session, std::string_view took) {
        session.script(
            core::format("insert into pgmq.a_job_results (msg_id, enqueued_at, vt, message)"
                         " values ({}, clock_timestamp() - interval '{}', now(), '{{}}')",
                         kNextId, took));
    }

    std::string counted() {
        return owner_.value("select coalesce(sum(messages), 0) from public.queue_latencies");
    }

    Database owner_{"shared_queue", "centralcloud"};
    Database console_{"shared_queue", "console"};
};

using Latencies = BusWatch;

TEST_F(Latencies, count_each_archived_message_once_by_how_long_it_took) {
    archive(owner_, "0.3 s");
    archive(owner_, "0.4 s");
    archive(owner_, "2 days");
    EXPECT_EQ(owner_.value("select public.fold_latencies()"), "3");
    EXPECT_EQ(owner_.value("select public.fold_latencies()"), "0");
    archive(owner_, "7 s");
    EXPECT_EQ(owner_.value("select public.fold_latencies()"), "1");
    EXPECT_EQ(owner_.value("select public.fold_latencies()"), "0");
    EXPECT_THAT(
        console_.column("select concat_ws(' ', bucket, messages, messages_within, floor(seconds_sum * 10))"
                        " from api.queue_latencies where queue_name = 'job_results' order by bucket"),
        ElementsAre("0.5 2 2 7", "10 1 3 70", "Infinity 1 4 1728000"));
    EXPECT_EQ(
        console_.value("select concat_ws(' ', messages, p50_seconds, p95_seconds) from api.recent_latencies"
                       " where queue_name = 'job_results'"),
        "4 0.5 Infinity");
}

// The engine's own way, with what a consumer does.
TEST_F(Latencies, count_what_readers_archive) {
    owner_.script("select pgmq.send_batch('job_results', array['1', '2']::jsonb[])");
    Database("shared_queue", "singularity")
        .script(
            "select pgmq.archive('job_results', array(select msg_id from pgmq.read('job_results', 30, 2)))");
    EXPECT_EQ(owner_.value("select public.fold_latencies()"), "2");
}

// A transaction that archived early and commits late, among folds that see what came after it.
TEST_F(Latencies, are_complete_whatever_the_order_of_commits) {
    Database slow("shared_queue", "centralcloud");
    Database slower("shared_queue", "centralcloud");
    slow.script("begin; savepoint s");
    archive(slow, "1 s");
    slower.script("begin");
    archive(slower, "2 days");
    for (int i = 0; i < 4; ++i) {
        archive(owner_, "1 s");
        owner_.script("select public.fold_latencies()");
    }
    EXPECT_EQ(counted(), "4");
    slow.script("commit");
    owner_.script("select public.fold_latencies()");
    EXPECT_EQ(counted(), "5");
    // Long enough ago for any look back that does not know of the open transaction.
    owner_.script("update public.latency_folds set taken_at = taken_at - interval '1 hour'");
    owner_.script("update pgmq.a_job_results set archived_at = archived_at - interval '1 hour'");
    for (int i = 0; i < 3; ++i) owner_.script("select public.fold_latencies()");
    EXPECT_EQ(counted(), "5");
    slower.script(
        "update pgmq.a_job_results set archived_at = archived_at - interval '1 hour' where enqueued_at < "
        "now() - interval '1 day'");
    slower.script("commit");
    for (int i = 0; i < 3; ++i) owner_.script("select public.fold_latencies()");
    EXPECT_EQ(counted(), "6");
    EXPECT_EQ(owner_.value("select count(*) < 10 from public.latency_folds"), "true");
}

TEST_F(Latencies, what_is_remembered_stays_small) {
    owner_.script(core::format(
        "insert into pgmq.a_job_results (msg_id, vt) select {}, now() from generate_series(1, 10000)",
        kNextId));
    owner_.script("select public.fold_latencies()");
    EXPECT_EQ(counted(), "10000");
    EXPECT_EQ(owner_.value("select count(*) < 10 from (select unnest(msg_ids) from public.latency_counted"
                           " where queue_name = 'job_results') ranges"),
              "true");
}

TEST_F(Latencies, a_queue_made_anew_is_counted_from_its_first_message) {
    for (int i = 0; i < 2; ++i) {
        archive(owner_, "1 s");
        EXPECT_EQ(owner_.value("select public.fold_latencies()"), "1");
        owner_.script("select pgmq.drop_queue('job_results'); select public.ensure_queues()");
    }
}

using Alarms = BusWatch;

TEST_F(Alarms, are_the_rules_that_are_broken_now) {
    EXPECT_THAT(console_.column("select name from api.alarms"), IsEmpty());
    owner_.script(
        "insert into pgmq.q_job_requests (vt, enqueued_at, message)"
        " select now(), now() - interval '1 hour', '{}' from generate_series(1, 3);"
        "insert into public.alarm_rules (name, queue_name, measure, above) values"
        " ('jobs pile up', 'job_requests', 'depth', 2), ('jobs may wait', 'job_requests', 'oldest_seconds', "
        "36000);"
        "select queue.bury('job_requests', (select min(msg_id) from pgmq.q_job_requests), null, 'because');"
        "insert into pgmq.q_job_requests (vt, message) values (now(), '{}')");
    archive(owner_, "9 minutes");
    owner_.script("select public.fold_latencies()");
    EXPECT_THAT(
        console_.column("select concat_ws(' | ', name, queue_name, measure, value, above) from api.alarms"
                        " order by name"),
        ElementsAre("jobs pile up | job_requests | depth | 3 | 2",
                    "messages could not be handled | job_requests | dead_letters | 1 | 0",
                    "messages take long | job_results | latency_p95_seconds | 600 | 300"))
        << "the rule for one queue takes the place of that for all";
    owner_.script(
        "update public.alarm_rules set enabled = false where name = 'jobs may wait' or measure <> 'depth'");
    EXPECT_THAT(console_.column("select name from api.alarms"), ElementsAre("jobs pile up"));
    owner_.script(
        "delete from public.alarm_rules where queue_name is not null; update public.alarm_rules set enabled "
        "= true");
    EXPECT_THAT(
        console_.column("select name || ' ' || queue_name from api.alarms where measure = 'oldest_seconds'"),
        ElementsAre("a message waits for long job_requests"));
}

TEST_F(Alarms, are_not_made_by_mending_what_died_long_ago) {
    owner_.script(
        "select pgmq.send('job_requests', '{}');"
        "select queue.bury('job_requests', msg_id, null, 'because') from pgmq.q_job_requests;"
        "update pgmq.q_dead_letters set enqueued_at = now() - interval '1 hour';"
        "select pgmq.archive('dead_letters', msg_id) from pgmq.q_dead_letters;"
        "select public.fold_latencies()");
    EXPECT_EQ(
        console_.value("select p95_seconds from api.recent_latencies where queue_name = 'dead_letters'"),
        "86400");
    EXPECT_THAT(console_.column("select name || ' ' || queue_name from api.alarms"), IsEmpty());
}

TEST_F(Alarms, know_of_what_died_in_outboxes_by_their_relays) {
    Database genesis("shared_queue", "genesis");
    genesis.script("select public.tell_outbox_letters('outbox', 'singularity', 2)");
    genesis.script("select public.tell_outbox_letters('outbox', 'second', 1)");
    EXPECT_THAT(
        console_.column("select concat_ws(' ', queue_name, measure, value) from api.alarms order by 1"),
        ElementsAre("outbox of genesis (second) dead_letters 1", "outbox of genesis dead_letters 2"));
    EXPECT_EQ(console_.value(
                  "select letters from api.dead_letters_by_queue where queue_name = 'outbox of genesis'"),
              "2");
    owner_.script(
        "insert into public.alarm_rules (name, queue_name, measure, above)"
        " values ('answers are lost', 'outbox of genesis', 'dead_letters', 5)");
    genesis.script("select public.tell_outbox_letters('outbox', 'second', 0)");
    EXPECT_THAT(console_.column("select queue_name from api.alarms"), IsEmpty());
    EXPECT_EQ(console_.failure("select public.tell_outbox_letters('outbox', 'singularity', 2)"), "42501");
    owner_.script(
        "delete from public.alarm_rules where queue_name is not null; delete from public.outbox_letters");
}

TEST_F(Alarms, have_rules_for_queues_that_are_there_and_limits_that_can_be_passed) {
    const auto rule = [this](std::string_view queue, std::string_view above) {
        return owner_.failure(
            core::format("insert into public.alarm_rules (name, queue_name, measure, above)"
                         " values ('refused', '{}', 'depth', {})",
                         queue, above));
    };
    EXPECT_EQ(rule("job_results", "'NaN'"), "23514");
    EXPECT_EQ(rule("job_results", "'Infinity'"), "23514");
    EXPECT_EQ(rule("ai_requests", "5"), "22023");
    EXPECT_EQ(rule("Job_Results", "5"), "22023");
    EXPECT_EQ(rule("no_such_queue", "5"), "22023");
    EXPECT_EQ(owner_.failure("update public.alarm_rules set queue_name = 'no_such_queue'"), "22023");
    EXPECT_EQ(owner_.value("select count(*) from public.alarm_rules where queue_name is not null"), "0");
}

using Tracing = BusWatch;

constexpr std::string_view kHops =
    "select concat_ws(' ', queue_name, state, read_ct, finished_at is not null) from api.request('r1')";

TEST_F(Tracing, follows_a_request_from_queue_to_queue) {
    Database asks("shared_queue", "singularity");
    Database runs("shared_queue", "genesis");
    asks.script(
        R"(select pgmq.send('job_requests', '{"request_id": "r1"}', '{"x-queue-unique-key": "r1"}'::jsonb);
           select pgmq.send('job_requests', '{"request_id": "r2"}', '{"x-queue-unique-key": "r2"}'::jsonb))");
    EXPECT_THAT(console_.column(kHops), ElementsAre("job_requests waiting 0 f"));
    runs.script("select pgmq.read('job_requests', 30, 1)");
    EXPECT_THAT(console_.column(kHops), ElementsAre("job_requests claimed 1 f"));
    runs.script(
        "select queue.retry('job_requests', msg_id, read_ct, '1 hour', 'busy') from pgmq.q_job_requests"
        " where read_ct = 1");
    EXPECT_THAT(console_.column(kHops), ElementsAre("job_requests delayed 1 f"));
    runs.script(
        R"(select pgmq.send('job_results', '{"request_id": "r1"}', '{"x-queue-unique-key": "r1"}'::jsonb);
           select pgmq.archive('job_requests', msg_id) from pgmq.q_job_requests where read_ct = 1)");
    EXPECT_THAT(console_.column(kHops), ElementsAre("job_requests archived 1 t", "job_results waiting 0 f"));
    owner_.script("truncate pgmq.a_job_requests");
    EXPECT_THAT(console_.column(kHops), ElementsAre("job_results waiting 0 f", "job_requests gone f"));
}

TEST_F(Tracing, finds_what_died_and_what_was_revived) {
    owner_.script(
        R"(select pgmq.send('job_requests', '{"request_id": "r1"}', '{"x-queue-unique-key": "r1"}'::jsonb);
           select queue.bury('job_requests', (select msg_id from pgmq.q_job_requests), null, 'because'))");
    EXPECT_THAT(console_.column(kHops), ElementsAre("job_requests dead 0 t"));
    owner_.script(
        "select queue.revive(array(select msg_id from pgmq.q_dead_letters));"
        "select pgmq.archive('job_requests', array(select msg_id from pgmq.q_job_requests))");
    EXPECT_THAT(console_.column(kHops), ElementsAre("job_requests dead 0 t", "job_requests archived 0 t"));
}

TEST_F(Tracing, finds_what_has_no_key_by_its_content) {
    owner_.script(
        R"(select pgmq.send('job_requests', '{"id": "r1"}'); select pgmq.send('job_results', '{"query_id": "r1"}');
           select pgmq.archive('job_results', array(select msg_id from pgmq.q_job_results)))");
    EXPECT_THAT(console_.column(kHops), ElementsAre("job_requests waiting 0 f", "job_results archived 0 t"));
    EXPECT_THAT(console_.column("select queue_name from api.request('nobody')"), IsEmpty());
}

// In the other direction, too: what a person answers by hand has no key.
TEST_F(Tracing, finds_a_request_without_a_key_whose_answer_has_one_and_the_reverse) {
    const auto ask_and_answer = [this](std::string_view asked_with, std::string_view answered_with) {
        owner_.script(core::format(
            R"(truncate pgmq.a_job_requests, pgmq.a_job_results;
               select pgmq.send('job_requests', '{{"request_id": "r1"}}', '{}'::jsonb);
               select pgmq.send('job_results', '{{"request_id": "r1"}}', '{}'::jsonb);
               select pgmq.archive('job_requests', array(select msg_id from pgmq.q_job_requests));
               select pgmq.archive('job_results', array(select msg_id from pgmq.q_job_results)))",
            asked_with, answered_with));
        return console_.column(kHops);
    };
    constexpr std::string_view kKey = R"({"x-queue-unique-key": "r1"})";
    EXPECT_THAT(ask_and_answer("{}", kKey),
                ElementsAre("job_requests archived 0 t", "job_results archived 0 t"));
    Database("shared_queue").script("delete from queue.unique_keys");
    EXPECT_THAT(ask_and_answer(kKey, "{}"),
                ElementsAre("job_requests archived 0 t", "job_results archived 0 t"));
}

}  // namespace
}  // namespace singularity::schema::test
