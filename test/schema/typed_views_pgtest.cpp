// What people see of messages: views by fields, and the calls that they know from elsewhere.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <fstream>
#include <iterator>

#include "backbone.hpp"
#include "core/format.hpp"
#include "messages/registry.hpp"

namespace singularity::schema::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class TypedViews : public testing::Test {
protected:
    void TearDown() override {
        for (const std::string_view queue : {"llm_requests", "llm_results", "approval_responses"}) {
            owner_.script(core::format("select pgmq.purge_queue('{0}'); truncate pgmq.a_{0}", queue));
        }
    }

    Database owner_{"shared_queue", "centralcloud"};
};

TEST_F(TypedViews, every_queue_of_messages_has_two) {
    EXPECT_THAT(owner_.column("select queue_name || suffix from public.queue_policies,"
                              " unnest(array['', '_archive']) suffix where queue_name <> 'dead_letters'"
                              " and to_regclass(format('pgmq.%I', queue_name || suffix)) is null"),
                IsEmpty());
}

std::vector<std::string> fields_of(std::string_view schema) {
    std::ifstream file(core::format("{}/messages/schemas/{}", SINGULARITY_SOURCE_DIR, schema));
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const boost::json::value parsed = boost::json::parse(text);
    std::vector<std::string> fields;
    for (const auto& [name, description] : parsed.at("properties").as_object()) {
        if (name != "enqueued_at") fields.emplace_back(name);  // the row's own counts
    }
    return fields;
}

TEST_F(TypedViews, have_a_column_for_each_field_of_the_message_and_no_other) {
    for (const messages::QueueContract& contract : messages::queue_contracts()) {
        EXPECT_THAT(
            owner_.column(core::format(
                "select column_name from public.message_columns where queue_name = '{}'", contract.queue)),
            testing::UnorderedElementsAreArray(fields_of(contract.schema)))
            << contract.queue;
    }
}

TEST_F(TypedViews, show_each_field_of_a_message_as_a_column) {
    owner_.script(
        R"(select pgmq.send('llm_results', '{"request_id": "r1", "schema_version": 1, "response": "yes", "model": "m",
             "tokens_used": 1250.0, "cost_cents": 0.5, "usage": {"input_tokens": 1}, "attempts": [],
             "timestamp": "2025-10-25T11:00:05Z", "enqueued_at": "1999-01-01T00:00:00Z"}'))");
    EXPECT_EQ(
        owner_.value("select concat_ws('|', request_id, response, tokens_used, cost_cents, usage, attempts,"
                     " timestamp at time zone 'UTC', schema_version, msg_body ->> 'model')"
                     " from pgmq.llm_results where enqueued_at > now() - interval '7 days'"),
        R"(r1|yes|1250|0.5|{"input_tokens": 1}|[]|2025-10-25 11:00:05|1|m)");
    owner_.script("select pgmq.archive('llm_results', array(select msg_id from pgmq.llm_results))");
    EXPECT_EQ(owner_.value(
                  "select request_id || ' ' || (archived_at >= enqueued_at) from pgmq.llm_results_archive"),
              "r1 true");
    EXPECT_EQ(owner_.value("select count(*) from pgmq.llm_results"), "0");
}

TEST_F(TypedViews, an_older_name_of_the_request_id_counts_where_there_is_no_other) {
    owner_.script(R"(select pgmq.send('approval_responses', '{"id": "a1", "approved": true}'))");
    EXPECT_EQ(owner_.value("select concat_ws('|', request_id, id, approved) from pgmq.approval_responses"),
              "a1|a1|t");
}

TEST_F(TypedViews, a_request_id_that_is_none_gives_way_to_an_older_name_of_it) {
    owner_.script(
        R"(select pgmq.send_batch('approval_responses', array['{"request_id": null, "id": "a1"}',
             '{"request_id": "", "id": "a2"}', '{"request_id": 7, "id": "a3"}', '{"request_id": "r4", "id": "a4"}',
             '{"request_id": ""}']::jsonb[]))");
    EXPECT_THAT(owner_.column("select request_id from pgmq.approval_responses order by msg_id"),
                ElementsAre("a1", "a2", "a3", "r4", "(null)"));
}

TEST_F(TypedViews, what_a_message_mistypes_is_null_and_never_an_error) {
    std::string bodies = "'null', '5', '[]', '\"text\"', '{}'";
    for (const std::string_view value : {"null", "1e400", "-1.5", "99999999999999999999", "true", "[1]",
                                         "{\"a\": 1}", "\"now\"", "\"2025-13-45\"", "\"x\"", "1e10000"}) {
        bodies += core::format(
            ", (select jsonb_object_agg(column_name, '{}'::jsonb)::text from public.message_columns)", value);
    }
    const auto views = owner_.column(
        "select format('%I', queue_name) from public.queue_policies where queue_name <> 'dead_letters'");
    for (const std::string& view : views) {
        owner_.script(
            core::format("select pgmq.send_batch('{0}', array[{1}]::jsonb[]);"
                         "insert into pgmq.q_{0} (vt, message) values (now(), null)",
                         view, bodies));
        EXPECT_EQ(owner_.failure(core::format("select * from pgmq.{}", view)), "") << view;
        owner_.script(core::format("select pgmq.archive('{0}', array(select msg_id from pgmq.q_{0}))", view));
        EXPECT_EQ(owner_.failure(core::format("select * from pgmq.{}_archive", view)), "") << view;
        owner_.script(core::format("truncate pgmq.a_{}", view));
    }
    owner_.script(
        R"(select pgmq.send('llm_results', '{"request_id": 7, "tokens_used": "many", "cost_cents": [],
                       "timestamp": "now", "usage": []}'))");
    EXPECT_EQ(owner_.value("select num_nonnulls(request_id, tokens_used, cost_cents, timestamp, usage)"
                           " from pgmq.llm_results"),
              "0");
}

TEST_F(TypedViews, a_text_beside_its_message_is_shown_as_if_it_were_in_it) {
    Database reader("shared_queue", "singularity");
    owner_.script(R"(select public.put_blob('a long answer'), public.put_blob('\xff00'))");
    const auto respond = [&](const std::string& reference) {
        return core::format("select pgmq.send('llm_results', jsonb_build_object('response', {}))", reference);
    };
    for (const char* body : {"sha256('a long answer')", "sha256('never put')", R"(sha256('\xff00'))"})
        owner_.script(
            respond(core::format("jsonb_build_object('$blob', encode({}, 'hex'), 'bytes', 13)", body)));
    for (const char* no_reference : {R"('{"$blob": 7}'::jsonb)", R"('{"$blob": "xyz"}'::jsonb)"})
        owner_.script(respond(no_reference));
    EXPECT_THAT(reader.column("select response from pgmq.llm_results order by msg_id"),
                ElementsAre("a long answer", "(null)", "(null)", "(null)", "(null)"));
    owner_.script("truncate public.blobs");
}

TEST_F(TypedViews, readers_look_at_their_own_and_go_with_their_queue) {
    Database reader("shared_queue", "nexus");
    EXPECT_EQ(reader.failure("select * from pgmq.llm_requests"), "");
    EXPECT_EQ(reader.failure("select * from pgmq.ai_requests"), "");
    EXPECT_EQ(reader.failure("select * from pgmq.llm_results"), "42501");
    EXPECT_EQ(reader.failure("select * from pgmq.llm_requests_archive"), "42501");
    owner_.script("select pgmq.drop_queue('llm_requests')");
    EXPECT_EQ(
        owner_.value("select count(*) from pg_views where schemaname = 'pgmq' and viewname ~ '_requests'"
                     " and viewname ~ '^(llm|ai)'"),
        "0");
    owner_.script("select public.ensure_queues()");
    EXPECT_EQ(reader.failure("select * from pgmq.ai_requests"), "");
}

TEST_F(TypedViews, other_names_send_read_and_archive) {
    Database sender("shared_queue", "singularity");
    Database reader("shared_queue", "nexus");
    sender.script(R"(select pgmq.send('ai_requests', '{"test": "message"}'))");
    EXPECT_EQ(reader.value("select count(*) from pgmq.ai_requests"), "1");
    EXPECT_EQ(reader.value("select msg_body from pgmq.read('ai_requests', \"limit\" => 1)"),
              R"({"test": "message"})");
    EXPECT_EQ(reader.value("select pgmq.archive('ai_requests', msg_id) from pgmq.ai_requests"), "true");
    EXPECT_EQ(owner_.value("select count(*) from pgmq.ai_requests_archive"), "1");
}

TEST_F(TypedViews, read_by_the_name_alone_reads_ten) {
    Database reader("shared_queue", "nexus");
    owner_.script("select pgmq.send_batch('ai_requests', array_fill('{}'::jsonb, array[12]))");
    EXPECT_EQ(reader.value("select count(*) from pgmq.read('ai_requests')"), "10");
    EXPECT_EQ(reader.value("select count(*) from pgmq.read('ai_requests')"), "2");
}

TEST_F(TypedViews, two_argument_read_claims_for_half_a_minute_beside_pgmqs_own) {
    Database reader("shared_queue", "nexus");
    owner_.script(
        R"(select pgmq.send_batch('llm_requests', array['{"a": 1}', '{"a": 2}', '{"a": 3}']::jsonb[]))");
    EXPECT_EQ(reader.value(
                  "select read_ct || ' ' || (vt between now() + interval '20 s' and now() + interval '40 s')"
                  " from pgmq.read('llm_requests', 1)"),
              "1 true");
    for (const std::string_view call :
         {"pgmq.read('llm_requests', 30, 1)", "pgmq.read('llm_requests', 30, 1, '{\"a\": 3}')",
          "pgmq.read(queue_name => 'llm_requests', vt => 0, qty => 1)",
          "pgmq.read(queue_name => 'llm_requests', vt => 0, qty => 1, conditional => '{}')",
          "pgmq.read('llm_requests', \"limit\" => 5)"}) {
        EXPECT_EQ(reader.failure(core::format("select * from {}", call)), "") << call;
    }
    EXPECT_EQ(reader.failure("prepare untyped_name as select * from pgmq.read($1)"), "");
    EXPECT_EQ(reader.failure("prepare untyped as select * from pgmq.read($1, $2, $3)"), "");
    EXPECT_EQ(reader.failure("prepare untyped_pair as select * from pgmq.read($1, $2)"), "");
}

TEST_F(TypedViews, queue_stats_has_a_row_for_each_message_of_the_queues_that_one_may_read) {
    owner_.script(
        "select pgmq.send_batch('llm_requests', array['1', '2']::jsonb[]); select pgmq.send('llm_results', "
        "'3')");
    EXPECT_THAT(
        owner_.column("select queue_name || ' ' || count(*) from pgmq.queue_stats() group by queue_name"
                      " order by count(*) desc"),
        ElementsAre("llm_requests 2", "llm_results 1"));
    EXPECT_THAT(Database("shared_queue", "nexus").column("select queue_name from pgmq.queue_stats()"),
                ElementsAre("llm_requests", "llm_requests"));
}

}  // namespace
}  // namespace singularity::schema::test
