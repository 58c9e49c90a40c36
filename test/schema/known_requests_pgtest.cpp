// Which requests are known, before and after they are on the bus, and which came to nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backbone.hpp"

namespace singularity::schema::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class KnownRequests : public testing::Test {
protected:
    void TearDown() override {
        owner_.script(
            "truncate pgmq.q_job_requests, pgmq.a_job_requests, pgmq.q_dead_letters, pgmq.a_dead_letters");
        Database("shared_queue").script("delete from queue.unique_keys");
        instance_.script("truncate pgmq.q_outbox, pgmq.q_dead_letters");
        for (const char* name : {"genesis", "nexus"})
            Database(name, name)
                .script("truncate pgmq.q_outbox, pgmq.a_outbox, pgmq.q_dead_letters, pgmq.a_dead_letters");
    }

    std::vector<std::string> known() {
        return console_.column("select api.known_requests(array['r1', 'r2', 'never']) order by 1");
    }

    Database owner_{"shared_queue", "centralcloud"};
    Database console_{"shared_queue", "console"};
    Database instance_{"singularity", "singularity"};
};

TEST_F(KnownRequests, are_those_that_were_published_whatever_became_of_their_messages) {
    EXPECT_THAT(known(), IsEmpty());
    owner_.script(
        "select pgmq.send('job_requests', '{}', '{\"x-queue-unique-key\": \"r1\"}'::jsonb);"
        "select pgmq.send('job_requests', '{}', '{\"x-queue-unique-key\": \"r2\"}'::jsonb)");
    EXPECT_THAT(known(), ElementsAre("r1", "r2"));
    owner_.script("delete from pgmq.q_job_requests");
    EXPECT_THAT(known(), ElementsAre("r1", "r2"));
}

TEST_F(KnownRequests, are_those_too_that_were_sent_without_a_key) {
    owner_.script(
        "select pgmq.send('job_requests', '{\"id\": \"r1\"}');"
        "select pgmq.send('job_requests', '{\"request_id\": \"r2\"}')");
    EXPECT_THAT(known(), ElementsAre("r1", "r2"));
    owner_.script("select pgmq.archive('job_requests', array(select msg_id from pgmq.q_job_requests))");
    EXPECT_THAT(known(), ElementsAre("r1", "r2"));
}

TEST_F(KnownRequests, are_those_too_that_died) {
    owner_.script(
        "select queue.bury('job_requests', msg_id, null, 'a reason')"
        " from pgmq.send('job_requests', '{\"id\": \"r1\"}') as sent (msg_id)");
    EXPECT_THAT(known(), ElementsAre("r1"));
}

constexpr char kBury[] =
    "select queue.bury('job_requests', msg_id, null, 'a reason')"
    " from pgmq.send('job_requests', '{\"id\": \"r1\"}') as sent (msg_id)";
constexpr char kDead[] =
    "select format('%s in %s: %s', request_id, queue_name, reason) from api.dead_requests(array['r1', 'r2'])";

TEST_F(KnownRequests, that_died_are_told_with_their_queue_and_reason) {
    owner_.script("select pgmq.send('job_requests', '{\"id\": \"r2\"}')");
    EXPECT_THAT(console_.column(kDead), IsEmpty());
    owner_.script(kBury);
    EXPECT_THAT(console_.column(kDead), ElementsAre("r1 in job_requests: a reason"));
}

TEST_F(KnownRequests, that_were_sent_back_are_alive_and_die_again) {
    owner_.script(kBury);
    owner_.script("select queue.revive(array(select msg_id from pgmq.q_dead_letters))");
    EXPECT_THAT(console_.column(kDead), IsEmpty());
    owner_.script("select pgmq.archive('job_requests', array(select msg_id from pgmq.q_job_requests))");
    EXPECT_THAT(console_.column(kDead), IsEmpty()) << "handled";
    owner_.script("truncate pgmq.a_job_requests");
    owner_.script(kBury);
    EXPECT_THAT(console_.column(kDead), ElementsAre("r1 in job_requests: a reason"));
}

TEST_F(KnownRequests, that_were_discarded_stay_dead) {
    owner_.script(kBury);
    owner_.script("select queue.discard(array(select msg_id from pgmq.q_dead_letters))");
    EXPECT_THAT(console_.column(kDead), ElementsAre("r1 in job_requests: a reason"));
}

TEST_F(KnownRequests, that_died_in_the_outbox_are_told_by_the_instance) {
    Database people("singularity", "console");
    EXPECT_THAT(people.column(kDead), IsEmpty());
    instance_.script(
        "select queue.bury('outbox', public.put_in_outbox('job_requests', '{\"request_id\": \"r1\"}'), null, "
        "'too long')");
    EXPECT_THAT(people.column(kDead), ElementsAre("r1 in outbox: too long"));
}

constexpr char kBuryAnswer[] =
    "select queue.bury('outbox', public.put_in_outbox('job_results', '{\"request_id\": \"r1\"}'), null, "
    "'refused')";

TEST_F(KnownRequests, whose_answers_died_in_an_outbox_are_told_by_who_answered) {
    for (const char* name : {"genesis", "nexus"}) {
        Database people(name, "console"), answering(name, name);
        EXPECT_THAT(people.column(kDead), IsEmpty());
        answering.script(kBuryAnswer);
        EXPECT_THAT(people.column(kDead), ElementsAre("r1 in outbox: refused"));
        answering.script("select queue.revive(array(select msg_id from pgmq.q_dead_letters))");
        EXPECT_THAT(people.column(kDead), IsEmpty()) << name << ": it was sent back";
        answering.script("select pgmq.archive('outbox', array(select msg_id from pgmq.q_outbox))");
        EXPECT_THAT(people.column(kDead), IsEmpty()) << name << ": it was carried";
        answering.script("truncate pgmq.a_outbox, pgmq.a_dead_letters");
        answering.script(kBuryAnswer);
        answering.script("select queue.discard(array(select msg_id from pgmq.q_dead_letters))");
        EXPECT_THAT(people.column(kDead), ElementsAre("r1 in outbox: refused")) << name << ": discarded";
    }
}

TEST_F(KnownRequests, whose_statistics_died_are_not_dead) {
    Database("genesis", "genesis")
        .script(
            "select queue.bury('outbox', public.put_in_outbox('performance_stats_published', "
            "'{\"request_id\": \"r1\"}'), null, 'refused')");
    EXPECT_THAT(Database("genesis", "console").column(kDead), IsEmpty());
}

TEST_F(KnownRequests, are_those_of_the_outbox_before_the_relay_has_sent_them) {
    Database people("singularity", "console");
    instance_.script("select public.put_in_outbox('job_requests', '{\"request_id\": \"r1\"}')");
    EXPECT_THAT(people.column("select api.unsent_requests(array['r1', 'r2'])"), ElementsAre("r1"));
}

}  // namespace
}  // namespace singularity::schema::test
