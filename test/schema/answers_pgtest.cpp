// Answers in an instance's database: stored once, waited for in SQL, kept for agents that are away.
#include <boost/asio.hpp>
#include <boost/json.hpp>

#include <gtest/gtest.h>

#include <thread>

#include "backbone.hpp"

namespace singularity::schema::test {
namespace {

constexpr char kDeliver[] =
    "select public.deliver_answer('llm_results', 'r1', '{\"request_id\": \"r1\", \"agent_id\": \"a1\", "
    "\"response\": \"42\"}')";

// Waiting commits, so it is called by itself.
std::string wait_for_answer(double seconds) {
    return run([](double at_most) -> boost::asio::awaitable<std::string> {
        const auto session =
            co_await pgclient::Connection::open({.dsn = dsn_of("singularity", "singularity")});
        const auto answer = co_await session->one<std::optional<boost::json::value>>(
            {"test.wait_for_answer", "call public.wait_for_answer('r1', $1)"}, at_most);
        co_return answer ? boost::json::serialize(*answer) : "(null)";
    }(seconds));
}

class Answers : public ::testing::Test {
protected:
    Answers() { database_.script("delete from public.answers; delete from public.expired_answers"); }

    Database database_{"singularity", "singularity"};
};

TEST_F(Answers, are_stored_once_and_say_when_they_expire) {
    database_.script(kDeliver);
    database_.script(kDeliver);
    EXPECT_EQ(database_.value("select count(*)::text from public.answers"), "1");
    EXPECT_EQ(database_.value(
                  "select extract(epoch from expires_at - arrived_at)::integer / 86400 from public.answers"),
              "30");
}

TEST_F(Answers, wait_in_the_inbox_until_they_are_taken) {
    database_.script(kDeliver);
    EXPECT_EQ(database_.value("select answer ->> 'response' from public.agent_inbox('a1')"), "42");
    EXPECT_EQ(database_.value("select public.take_answers(array['r1', 'unknown'])::text"), "1");
    EXPECT_EQ(database_.value("select count(*)::text from public.agent_inbox('a1')"), "0");
    EXPECT_EQ(database_.value("select public.take_answers(array['r1'])::text"), "0");
}

TEST_F(Answers, can_be_waited_for_in_sql) {
    std::string answer;
    {
        std::jthread waits([&answer] { answer = wait_for_answer(60); });
        wait_for(database_,
                 "select count(*)::text from pg_stat_activity where query like 'call public.wait_for_answer%'"
                 " and wait_event_type = 'Extension'",
                 "1");
        database_.script(kDeliver);
    }
    EXPECT_NE(answer.find("\"42\""), std::string::npos) << answer;
    EXPECT_EQ(database_.value("select (taken_at is not null)::text from public.answers"), "true");
}

TEST_F(Answers, that_do_not_come_in_time_are_null) {
    EXPECT_EQ(wait_for_answer(0.05), "(null)");
}

TEST_F(Answers, are_waited_for_with_arguments_that_can_be_right) {
    const auto failure = [this](const std::string& arguments) {
        return database_.failure("call public.wait_for_answer(" + arguments + ")");
    };
    EXPECT_EQ(failure("'r1', null"), "22004");
    EXPECT_EQ(failure("null, 1"), "22004");
    for (const char* seconds : {"'Infinity'", "'-Infinity'", "'NaN'", "1e300", "-1"})
        EXPECT_EQ(failure(std::string("'r1', ") + seconds), "22023") << seconds;
    EXPECT_EQ(database_.failure("begin; call public.wait_for_answer('r1', 1)"), "2D000");
}

TEST_F(Answers, of_which_one_id_has_several_are_given_by_when_they_came) {
    database_.script(
        "insert into public.answers (request_id, queue, agent_id, answer, arrived_at) values"
        " ('r1', 'llm_results', 'a1', '\"later\"', '2026-01-02'), ('r1', 'job_results', 'a1', '\"first\"', "
        "'2026-01-01')");
    EXPECT_EQ(database_.value("select count(*)::text from public.agent_inbox('a1')"), "2");
    EXPECT_EQ(wait_for_answer(60), "\"first\"");
    EXPECT_EQ(database_.value("select answer::text from public.agent_inbox('a1')"), "\"later\"");
    EXPECT_EQ(wait_for_answer(60), "\"first\"");
    database_.script("update public.answers set taken_at = null");
    Database nexus("singularity", "nexus");
    EXPECT_EQ(nexus.value("select count(*)::text from api.take_answers(array['r1'])"), "1");
    EXPECT_EQ(database_.value("select answer::text from public.agent_inbox('a1')"), "\"later\"");
}

TEST_F(Answers, that_have_expired_are_not_given_and_not_waited_for) {
    database_.script(kDeliver);
    database_.script("update public.answers set expires_at = clock_timestamp()");
    EXPECT_EQ(wait_for_answer(1'000), "(null)");
    EXPECT_EQ(database_.value("select count(*)::text from public.agent_inbox('a1')"), "0");
    database_.script("select public.expire_answers()");
    EXPECT_EQ(wait_for_answer(1'000), "(null)");
}

TEST_F(Answers, cannot_be_waited_for_in_a_transaction) {
    EXPECT_EQ(database_.failure("do $$ declare a jsonb; begin call public.wait_for_answer('r1', 1, a); "
                                "exception when others then raise; end $$"),
              "2D000");
}

TEST_F(Answers, are_deleted_when_their_time_has_come_and_remembered_as_expired) {
    database_.script(kDeliver);
    Database console("singularity", "console");
    const auto expired = [&] {
        return console.value("select count(*)::text from api.expired_requests(array['r1', 'r2'])");
    };
    database_.script("select public.prune_history()");
    EXPECT_EQ(database_.value("select count(*)::text from public.answers"), "1");
    EXPECT_EQ(expired(), "0");
    database_.script("update public.answers set expires_at = clock_timestamp()");
    EXPECT_EQ(expired(), "1") << "from that moment on";
    EXPECT_EQ(database_.value("select public.prune_history()::text"), "1");
    EXPECT_EQ(database_.value("select count(*)::text from public.answers"), "0");
    EXPECT_EQ(expired(), "1");
    database_.script("update public.expired_answers set expired_at = clock_timestamp() - interval '91 days'");
    EXPECT_EQ(database_.value("select public.prune_history()::text"), "1");
    EXPECT_EQ(expired(), "0");
}

TEST_F(Answers, do_not_count_as_expired_while_another_one_is_there) {
    database_.script(kDeliver);
    database_.script(
        "insert into public.answers (request_id, queue, answer, expires_at)"
        " values ('r1', 'job_results', '{}', clock_timestamp())");
    EXPECT_EQ(database_.value("select count(*)::text from api.expired_requests(array['r1'])"), "0");
}

TEST_F(Answers, are_taken_by_nexus_as_often_as_it_likes_while_they_are_there) {
    database_.script(kDeliver);
    Database nexus("singularity", "nexus");
    EXPECT_EQ(nexus.value("select string_agg(id, ' ') from api.take_answers(array['r1', 'unknown']) id"),
              "r1");
    EXPECT_EQ(database_.value("select count(*)::text from public.agent_inbox('a1')"), "0");
    const std::string taken = database_.value("select taken_at::text from public.answers");
    EXPECT_EQ(nexus.value("select count(*)::text from api.take_answers(array['r1'])"), "1");
    EXPECT_EQ(database_.value("select taken_at::text from public.answers"), taken);
    database_.script("update public.answers set expires_at = clock_timestamp()");
    EXPECT_EQ(nexus.value("select count(*)::text from api.take_answers(array['r1'])"), "0");
}

TEST_F(Answers, people_see_them) {
    database_.script(kDeliver);
    Database console("singularity", "console");
    EXPECT_EQ(console.value("select answer ->> 'response' from api.answers(array['r1', 'r2'])"), "42");
    EXPECT_EQ(console.failure("select 1 from public.answers"), "42501");
}

}  // namespace
}  // namespace singularity::schema::test
