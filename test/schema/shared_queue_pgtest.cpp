// The bus as its owner keeps it: options, retention, blobs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backbone.hpp"

namespace singularity::schema::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class SharedQueue : public testing::Test {
protected:
    Database owner_{"shared_queue", "centralcloud"};
};

TEST_F(SharedQueue, every_queue_takes_turns_and_remembers_keys_as_long_as_its_archive) {
    EXPECT_THAT(owner_.column("select p.queue_name from public.queue_policies p"
                              " cross join lateral queue.options_of(p.queue_name) o"
                              " where o.turns <> p.turns or o.unique_for <> p.keep"),
                IsEmpty());
    EXPECT_THAT(owner_.column("select queue_name from public.queue_policies where not turns"),
                ElementsAre("dead_letters"));
}

TEST_F(SharedQueue, keeps_what_the_configuration_says) {
    owner_.script("select public.set_retention(30, '{\"job_results\": 36000, \"llm_results\": 7}')");
    owner_.script("select public.ensure_queues()");
    EXPECT_THAT(
        owner_.column("select distinct extract(day from keep) || ' ' || extract(day from o.unique_for)"
                      " from public.queue_policies p cross join lateral queue.options_of(p.queue_name) o"
                      " order by 1"),
        ElementsAre("30 30", "36000 36000", "7 7"));
    owner_.script("select public.set_retention(90); select public.ensure_queues()");
    EXPECT_EQ(owner_.value("select distinct keep from public.queue_policies"), "90 days");
}

TEST_F(SharedQueue, a_start_that_changes_nothing_writes_no_policy_and_no_option) {
    Database admin("shared_queue");
    const std::string_view written =
        "select string_agg(every.xmin::text, ' ') from (select xmin from public.queue_policies"
        " union all select xmin from queue.options) every";
    const std::string before = admin.value(written);
    owner_.script("select public.set_retention(90); select public.ensure_queues()");
    EXPECT_EQ(admin.value(written), before);
}

TEST_F(SharedQueue, an_instance_that_joins_has_queues_for_its_answers) {
    Database instance("shared_queue", "singularity");
    EXPECT_EQ(instance.column("select public.join_bus('second')").size(), 6U);
    EXPECT_THAT(instance.column("select public.join_bus('second')"), IsEmpty());
    Database nexus("shared_queue", "nexus");
    EXPECT_EQ(nexus.value("select pgmq.send('llm_results_second', '{}')"), "1");
    EXPECT_EQ(instance.value("select msg_id from pgmq.read('llm_results_second', 0, 1)"), "1");
    EXPECT_THAT(instance.column("select public.join_bus('singularity')"), IsEmpty());
    EXPECT_EQ(instance.failure("select public.join_bus('Second; drop')"), "22023");
    EXPECT_EQ(nexus.failure("select public.join_bus('third')"), "42501");
    owner_.script(
        "delete from public.queue_policies where queue_name like '%\\_second';"
        "select pgmq.drop_queue(queue_name) from pgmq.meta where queue_name like '%\\_second'");
}

TEST_F(SharedQueue, tells_an_instance_whose_a_request_was_while_it_waits_and_afterwards) {
    Database instance("shared_queue", "singularity");
    instance.script(
        R"(select pgmq.send('question_requests', jsonb_build_object('request_id', id, 'agent_id', agent),
                            jsonb_build_object('x-queue-unique-key', id))
           from (values ('asked', 'ann'), ('done', 'bob'), ('nobody''s', null)) as asked (id, agent))");
    owner_.script(
        "select pgmq.archive('question_requests', msg_id) from pgmq.q_question_requests"
        " where message ->> 'request_id' = 'done'");
    EXPECT_THAT(
        instance.column("select request_id || ' ' || agent_id from public.agents_of('question_requests',"
                        " '{asked,done,nobody''s,unknown}') order by 1"),
        ElementsAre("asked ann", "done bob"));
    EXPECT_THAT(instance.column("select agent_id from public.agents_of('no_such_queue', '{asked}')"),
                IsEmpty());
    EXPECT_EQ(Database("shared_queue", "nexus")
                  .failure("select * from public.agents_of('question_requests', '{asked}')"),
              "42501");
    owner_.script("truncate pgmq.q_question_requests, pgmq.a_question_requests");
    Database("shared_queue").script("delete from queue.unique_keys where queue = 'question_requests'");
}

TEST_F(SharedQueue, a_queue_that_was_dropped_is_told_as_missing) {
    EXPECT_THAT(owner_.column("select public.missing_queues()"), IsEmpty());
    owner_.script("select pgmq.drop_queue('agent_responses')");
    EXPECT_THAT(owner_.column("select public.missing_queues()"), ElementsAre("agent_responses"));
    owner_.script("select public.ensure_queues()");
    EXPECT_THAT(owner_.column("select public.missing_queues()"), IsEmpty());
}

TEST_F(SharedQueue, old_archives_are_pruned_batch_by_batch_and_young_ones_stay) {
    owner_.script(
        "select pgmq.send_batch('llm_results', array(select to_jsonb(i) from generate_series(1, 25) i));"
        "select pgmq.archive('llm_results', array(select msg_id from pgmq.q_llm_results));"
        "update pgmq.a_llm_results set archived_at = now() - interval '91 days' where message <> '25'");
    EXPECT_EQ(owner_.value("select b from public.prune_batch(10, 5) b"), "(15,t)");
    EXPECT_EQ(owner_.value("select b from public.prune_batch(10, 15) b"), "(25,t)");
    EXPECT_EQ(owner_.value("select b from public.prune_batch(10, 25) b"), "(29,f)");
    owner_.script("update pgmq.a_llm_results set archived_at = now() - interval '89 days'");
    owner_.script("call public.prune_archives()");
    EXPECT_EQ(owner_.value("select message from pgmq.a_llm_results"), "25");
    owner_.script("update pgmq.a_llm_results set archived_at = now() - interval '91 days'");
    owner_.script("call public.prune_archives()");
    EXPECT_THAT(owner_.column("select message from pgmq.a_llm_results"), IsEmpty());
}

// Within a worker of pg_cron, whose every job is a transaction unless it ends it.
TEST_F(SharedQueue, the_schedule_prunes) {
    Database admin("singularity");
    Database console("singularity", "console");
    admin.script(
        "select cron.alter_job(jobid, schedule => '1 seconds') from cron.job where jobname = 'prune queue "
        "archives'");
    const std::string_view outcome =
        "select coalesce((select last_status from api.jobs where name = 'prune queue archives'), '')";
    EXPECT_EQ(wait_for(console, outcome, "succeeded"), "succeeded")
        << console.value("select last_message from api.jobs where name = 'prune queue archives'");
    admin.script(
        "select cron.alter_job(jobid, schedule => '17 3 * * *') from cron.job where jobname = 'prune queue "
        "archives'");
}

class Blobs : public SharedQueue {
protected:
    void TearDown() override { owner_.script("truncate public.blobs"); }
};

TEST_F(Blobs, are_kept_once_by_the_hash_of_their_content) {
    Database one("shared_queue", "genesis");
    Database other("shared_queue", "singularity");
    const std::string hash = one.value("select public.put_blob('output')");
    EXPECT_EQ(hash, owner_.value("select sha256('output')"));
    owner_.script("update public.blobs set put_at = now() - interval '170 days'");
    EXPECT_EQ(other.value("select public.put_blob('output')"), hash);
    EXPECT_EQ(
        owner_.value("select count(*) || ' ' || (min(put_at) > now() - interval '1 hour') from public.blobs"),
        "1 true");
    EXPECT_EQ(other.value("select convert_from(public.get_blob(sha256('output')), 'UTF8')"), "output");
    EXPECT_EQ(other.value("select public.get_blob(sha256('never'))"), "(null)");
    EXPECT_EQ(other.failure("select * from public.blobs"), "42501");
    EXPECT_EQ(Database("shared_queue", "console").failure("select public.get_blob(sha256('output'))"),
              "42501");
}

TEST_F(Blobs, go_when_no_archive_can_name_them_any_more) {
    owner_.script(
        "select public.put_blob('young'), public.put_blob('old');"
        "update public.blobs set put_at = now() - interval '179 days' where body = 'young';"
        "update public.blobs set put_at = now() - interval '181 days' where body = 'old'");
    owner_.script("call public.prune_archives()");
    EXPECT_THAT(owner_.column("select convert_from(body, 'UTF8') from public.blobs"), ElementsAre("young"));
}

}  // namespace
}  // namespace singularity::schema::test
