#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <thread>

#include "backbone.hpp"
#include "core/format.hpp"

namespace singularity::schema::test {
namespace {

// What approval made, without ids and times.
constexpr std::string_view kOutcome =
    "select md5(coalesce(string_agg(concat_ws('|', c.name, c.ecosystem, c.description, c.best_practices, "
    "c.confidence,"
    " c.occurrences, c.files, c.instances_count, c.evidence, c.example, c.status, c.reason, a.confidence, "
    "a.evidence,"
    " a.examples, a.frequency, a.instances_count), E'\\n' order by c.ecosystem, c.name), ''))"
    " from public.pattern_candidates c left join central.approved_patterns a"
    " on a.name = c.name and a.ecosystem = c.ecosystem";

struct Discovery {
    std::string instance = "one";
    std::string incarnation = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
    std::string name = "retry/loop-abc123";
    int revision = 1;
    std::vector<std::string> contents = {"a"};  // each in a folder of its own
    double confidence = 1;
};

std::string message(const Discovery& discovery) {
    std::string evidence;
    for (const std::string& content : discovery.contents) {
        evidence += core::format(
            "{}{{\"repository\": \"/src\", \"path\": \"{}/x.cpp\", \"folder\": \"{}\", \"content_hash\": "
            "\"{:0>64}\","
            " \"function\": \"f\", \"start_line\": 1, \"end_line\": 9, \"confidence\": {}, \"occurrences\": "
            "1}}",
            evidence.empty() ? "" : ", ", content, content, content, discovery.confidence);
    }
    return core::format(
        "{{\"schema_version\": 1, \"request_id\": \"{0}-{5}-{1}-{2}\", \"instance_id\": \"{0}\","
        " \"incarnation\": \"{5}\", \"name\": \"{1}\","
        " \"ecosystem\": \"cpp\", \"revision\": {2}, \"confidence\": 0.5, \"occurrences\": {3}, \"idiom\": "
        "\"retry\","
        " \"description\": \"As {0} says.\", \"best_practices\": [\"cap the delay\"], \"evidence\": [{4}],"
        " \"example\": {{\"code\": \"{0}\"}}}}",
        discovery.instance, discovery.name, discovery.revision, discovery.contents.size(), evidence,
        discovery.incarnation);
}

class Approval : public testing::Test {
protected:
    void SetUp() override { clear(); }
    void TearDown() override { clear(); }

    void clear() {
        hub_.script(
            "truncate public.inbox, public.pattern_candidates, public.pattern_sources, "
            "public.pattern_evidence;"
            "delete from central.approved_patterns; delete from central.sync_log");
    }

    std::string accept(const Discovery& discovery) { return accept(hub_, discovery); }
    static std::string accept(Database& hub, const Discovery& discovery) {
        return hub.value(
            core::format("select accept_pattern_discovery('{}') ->> 'status'", message(discovery)));
    }

    Database hub_{"centralcloud", "centralcloud"};
};

TEST_F(Approval, a_pattern_needs_three_perfect_files) {
    EXPECT_EQ(accept({.revision = 1, .contents = {"a", "b"}}), "waiting");
    EXPECT_EQ(hub_.value("select reason from public.pattern_candidates"),
              "confidence 0.800 from 2 files; 0.85 is needed");
    EXPECT_EQ(hub_.value("select count(*) from central.approved_patterns"), "0");
    EXPECT_EQ(accept({.revision = 2, .contents = {"a", "b", "c"}}), "approved");
    EXPECT_EQ(
        hub_.value("select concat_ws(' ', name, ecosystem, confidence, frequency, files, instances_count,"
                   " jsonb_array_length(evidence)) from central.approved_patterns"),
        "retry/loop-abc123 cpp 0.857143 3 3 1 3");
    EXPECT_EQ(hub_.value("select reason from public.pattern_candidates"), "(null)");
}

TEST_F(Approval, instances_put_their_evidence_together) {
    EXPECT_EQ(accept({.instance = "one", .contents = {"a", "b"}}), "waiting");
    EXPECT_EQ(accept({.instance = "two", .contents = {"b", "c"}}), "approved");
    EXPECT_EQ(hub_.value("select concat_ws(' ', confidence, files, instances_count, examples)"
                         " from central.approved_patterns"),
              R"(0.857143 3 2 [{"code": "one"}])");
}

TEST_F(Approval, a_pattern_that_fell_below_the_threshold_is_withdrawn) {
    accept({.revision = 1, .contents = {"a", "b", "c"}});
    EXPECT_EQ(accept({.revision = 2, .contents = {}}), "waiting");
    EXPECT_EQ(hub_.value("select count(*) from central.approved_patterns"), "0");
    EXPECT_EQ(hub_.value("select reason from public.pattern_candidates"), "no evidence is left");
    EXPECT_EQ(hub_.column("select operation from central.sync_log order by id"),
              (std::vector<std::string>{"pattern_approved", "pattern_withdrawn"}));
}

TEST_F(Approval, what_may_be_null_is_as_good_as_missing) {
    hub_.script(core::format("select public.accept_pattern_discovery('{}'::jsonb || '{}')", message({}),
                             R"({"best_practices": null, "example": null, "occurrences": null})"));
    EXPECT_EQ(hub_.value("select concat_ws(' ', best_practices, example, occurrences)"
                         " from public.pattern_sources"),
              "{} {} 1");
}

TEST_F(Approval, a_redelivery_gets_the_first_answer_and_has_no_effect) {
    accept({.contents = {"a", "b", "c"}});
    const std::string before = hub_.value(kOutcome);
    EXPECT_EQ(accept({.contents = {"a", "b", "c"}}), "approved");
    EXPECT_EQ(hub_.value(kOutcome), before);
    EXPECT_EQ(hub_.value("select count(*) from central.sync_log"), "1");
}

TEST_F(Approval, an_older_revision_is_ignored) {
    accept({.revision = 3, .contents = {"a", "b", "c"}});
    EXPECT_EQ(accept({.revision = 2, .contents = {"a"}}), "ignored");
    EXPECT_EQ(hub_.value("select revision from public.pattern_sources"), "3");
    EXPECT_EQ(hub_.value("select count(*) from central.approved_patterns"), "1");
}

TEST_F(Approval, a_database_made_anew_is_heard_though_it_counts_from_one_again) {
    const std::string later = "01BX5ZZKBKACTAV9WEVGEMMVRY";
    accept({.revision = 7, .contents = {"a", "b", "c"}});
    EXPECT_EQ(accept({.incarnation = later, .revision = 1, .contents = {"a"}}), "waiting");
    EXPECT_EQ(accept({.revision = 8, .contents = {"a", "b", "c"}}), "ignored");  // the old one's last word
    EXPECT_EQ(hub_.value("select concat_ws(' ', incarnation, revision) from public.pattern_sources"),
              later + " 1");
    EXPECT_EQ(hub_.value("select count(*) from public.pattern_evidence"), "1");
}

TEST_F(Approval, an_unchanged_pattern_is_not_sent_again) {
    accept({.revision = 1, .contents = {"a", "b", "c"}});
    const std::string before = hub_.value("select xmin from central.approved_patterns");
    accept({.revision = 2, .contents = {"c", "b", "a"}});
    EXPECT_EQ(hub_.value("select xmin from central.approved_patterns"), before);
}

std::vector<Discovery> many_discoveries() {
    std::vector<Discovery> all;
    for (int revision = 1; revision <= 3; ++revision) {
        for (const std::string instance : {"one", "two", "three"}) {
            for (int pattern = 0; pattern < 4; ++pattern) {
                Discovery discovery{.instance = instance,
                                    .name = core::format("p/{}", pattern),
                                    .revision = revision,
                                    .contents = {},
                                    .confidence = 0.8 + 0.03 * (pattern + revision)};
                const int files = (revision * 7 + pattern * 3 + static_cast<int>(instance.size())) % 9;
                for (int file = 0; file < files; ++file) {
                    discovery.contents.push_back(
                        core::format("{}", file * pattern + static_cast<int>(instance.size())));
                }
                std::ranges::sort(discovery.contents);
                const auto [first, last] = std::ranges::unique(discovery.contents);
                discovery.contents.erase(first, last);
                all.push_back(discovery);
            }
        }
    }
    return all;
}

TEST_F(Approval, does_not_depend_on_the_order_of_arrival) {
    std::vector<Discovery> discoveries = many_discoveries();
    std::mt19937 random(11);
    for (const Discovery& discovery : discoveries) accept(discovery);
    const std::string expected = hub_.value(kOutcome);
    for (int round = 0; round < 5; ++round) {
        clear();
        std::ranges::shuffle(discoveries, random);
        for (const Discovery& discovery : discoveries) accept(discovery);
        EXPECT_EQ(hub_.value(kOutcome), expected) << "round " << round;
    }
}

TEST_F(Approval, consumers_beside_each_other_come_to_the_same) {
    std::vector<Discovery> discoveries = many_discoveries();
    for (const Discovery& discovery : discoveries) accept(discovery);
    const std::string expected = hub_.value(kOutcome);
    clear();
    std::vector<std::thread> consumers;
    consumers.reserve(4);
    for (unsigned seed = 0; seed < 4; ++seed) {
        consumers.emplace_back(
            [discoveries, seed]() mutable {  // each delivers every message: redeliveries too
                std::mt19937 random(seed);
                std::ranges::shuffle(discoveries, random);
                Database hub("centralcloud", "centralcloud");
                for (const Discovery& discovery : discoveries) accept(hub, discovery);
            });
    }
    for (std::thread& consumer : consumers) consumer.join();
    EXPECT_EQ(hub_.value(kOutcome), expected);
    EXPECT_EQ(hub_.value("select count(*) from central.sync_log"), std::to_string(discoveries.size()));
}

TEST_F(Approval, a_message_without_what_it_needs_is_refused_by_the_field) {
    try {
        hub_.script("select accept_pattern_discovery('{\"request_id\": \"r\", \"instance_id\": 7}')");
        FAIL();
    } catch (const pgclient::DbError& error) {
        EXPECT_EQ(error.sqlstate(), "22023");
        EXPECT_THAT(error.what(), testing::HasSubstr("instance_id: string is needed"));
    }
    EXPECT_EQ(hub_.value("select count(*) from public.inbox"), "0");
}

TEST_F(Approval, the_service_may_insert_a_pattern_by_name_ecosystem_and_confidence) {
    EXPECT_EQ(
        hub_.failure(
            "insert into approved_patterns (name, ecosystem, confidence) values ('by hand', 'cpp', 0.9)"),
        "");
    EXPECT_EQ(
        hub_.failure(
            "insert into approved_patterns (name, ecosystem, confidence) values ('by hand', 'cpp', 0.9)"),
        "23505");
    EXPECT_EQ(
        hub_.failure("insert into approved_patterns (name, ecosystem, confidence) values ('x', 'cpp', 1.1)"),
        "23514");
}

}  // namespace
}  // namespace singularity::schema::test
