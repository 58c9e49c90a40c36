// Statistics of jobs from a message to a published window, in database centralcloud.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "backbone.hpp"
#include "core/format.hpp"

namespace singularity::schema::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kUnschedule =
    "select cron.alter_job(jobid, active => false) from cron.job where jobname ~ '^publish execution "
    "metrics'";

constexpr std::string_view kMetrics =
    "select concat_ws(' ', period_start at time zone 'UTC', instance_id, jobs_completed, jobs_failed, "
    "success_rate,"
    " avg_execution_time_ms, p50_execution_time_ms, p95_execution_time_ms, p99_execution_time_ms,"
    " total_memory_used_mb) from central.execution_metrics order by period_start, instance_id";

// One message: of a job that went well at noon.
std::string job(std::string_view request) {
    return core::format(
        R"({{"request_id": "{}", "instance_id": "one", "language": "python", "status": "completed",)"
        R"( "recorded_at": "2026-01-01T12:00:00Z"}})",
        request);
}

// Some of its fields changed.
std::string with(const std::string& message, std::string_view fields) {
    return message + core::format("'::jsonb || '{}", fields);
}

std::string timed(std::string_view request, std::string_view status, std::string_view milliseconds,
                  std::string_view time = "12:00:00") {
    return core::format(
        R"({{"request_id": "{}", "instance_id": "one", "language": "python", "status": "{}",)"
        R"( "execution_time_ms": {}, "memory_used_mb": 10, "recorded_at": "2026-01-01T{}Z"}})",
        request, status, milliseconds, time);
}

class Statistics : public testing::Test {
protected:
    // The schedule would publish between a test's steps.
    static void SetUpTestSuite() { Database("singularity").script(kUnschedule); }

    void SetUp() override { clear(); }
    void TearDown() override { clear(); }

    void clear() {
        hub_.script(
            "delete from central.job_statistics; delete from central.execution_metrics;"
            "delete from public.inbox where queue = 'performance_stats_published';"
            "update public.statistics_state set closed_until = null, consumed_until = null");
    }

    static std::string call(const std::vector<std::string>& messages) {
        std::string list;
        for (const std::string& message : messages) {
            list += core::format("{}('{}'::jsonb)", list.empty() ? "" : ", ", message);
        }
        return core::format("public.accept_performance_stats(array[{}])", list);
    }

    std::vector<std::string> accept(const std::vector<std::string>& messages) {
        return hub_.column("select concat_ws(': ', outcome, reason) from " + call(messages));
    }

    // At a time of 2026-01-01.
    std::string publish(std::string_view time) {
        return hub_.value(
            core::format("select public.publish_execution_metrics('2026-01-01 {}Z'::timestamptz)", time));
    }

    Database hub_{"centralcloud", "centralcloud"};
};

TEST_F(Statistics, each_request_is_stored_once_however_often_it_comes) {
    EXPECT_THAT(accept({job("a"), job("b"), job("a")}), ElementsAre("stored", "stored", "known"));
    EXPECT_THAT(accept({job("b"), job("c")}), ElementsAre("known", "stored"));
    EXPECT_EQ(hub_.value("select count(*) from central.job_statistics"), "3");
}

TEST_F(Statistics, a_message_that_cannot_be_stored_hinders_no_other) {
    EXPECT_THAT(
        accept({with(job("a"), R"({"execution_time_ms": -1})"), job("b"),
                with(job("c"), R"({"memory_used_mb": 3000000000})"), with(job("d"), R"({"status": "done"})"),
                with(job("e"), R"({"recorded_at": "tomorrow"})"), with(job("f"), R"({"code_sha256": "12"})"),
                "[]", with(job("g"), R"({"language": null})"), with(job("h"), R"({"cpu_time_ms": "7"})")}),
        ElementsAre(HasSubstr("execution_time_ms"), "stored", HasSubstr("memory_used_mb"),
                    HasSubstr("status"), HasSubstr("recorded_at"), HasSubstr("code_sha256"),
                    HasSubstr("no JSON object"), HasSubstr("language is missing"), HasSubstr("cpu_time_ms")));
    EXPECT_EQ(hub_.value("select count(*) from public.inbox where queue = 'performance_stats_published'"),
              "1");
    EXPECT_THAT(accept({job("a")}), ElementsAre("stored")) << "what was refused is not known";
}

TEST_F(Statistics, everything_that_a_message_says_is_in_its_row) {
    accept({with(job("a"),
                 R"({"job_id": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "execution_time_ms": 12.0, "cpu_time_ms": 9,
                     "memory_used_mb": 30, "lines_analyzed": 4, "verdict": "ok", "kind": "run", "phase": "run",
                     "language_version": "3.13", "limit_cpu_ms": 5000, "limit_wall_ms": 10000,
                     "limit_memory_mb": 256, "code_sha256": ")" +
                     std::string(64, 'a') + R"(", "input_sha256": null})")});
    EXPECT_EQ(
        hub_.value(
            "select concat_ws('|', job_id, execution_time_ms, cpu_time_ms, memory_used_mb, lines_analyzed,"
            " verdict, kind, phase, language_version, limit_cpu_ms, limit_wall_ms, limit_memory_mb,"
            " left(code_sha256, 4), input_sha256 is null, late) from api.job_statistics"),
        "01563e3a-b5d3-d676-4c61-efb99302bd5b|12|9|30|4|ok|run|run|3.13|5000|10000|256|aaaa|t|f");
}

TEST_F(Statistics, a_clock_that_is_ahead_counts_as_ours) {
    accept({with(job("a"), R"({"recorded_at": "2999-01-01T00:00:00Z"})"),
            with(job("b"), R"({"recorded_at": null})")});
    EXPECT_EQ(hub_.value(
                  "select count(*) from central.job_statistics"
                  " where recorded_at between clock_timestamp() - interval '1 minute' and clock_timestamp()"),
              "2");
}

TEST_F(Statistics, a_window_sums_up_the_jobs_of_each_instance) {
    std::vector<std::string> messages;
    for (int i = 1; i <= 100; ++i) {
        messages.push_back(
            timed(core::format("r{}", i), i <= 75 ? "completed" : "failed", std::to_string(i)));
    }
    messages.push_back(timed("running", "running", "7"));
    messages.push_back(timed("unmeasured", "failed", "null"));
    messages.push_back(timed("next", "completed", "5", "12:05:00"));
    messages.push_back(with(timed("other", "failed", "null", "12:04:59.999999"), R"({"instance_id": "two",
        "memory_used_mb": null})"));
    accept(messages);
    EXPECT_EQ(publish("12:05:59"), "0") << "a minute has to pass";
    EXPECT_EQ(publish("12:06"), "2");
    EXPECT_EQ(publish("12:11"), "1");
    EXPECT_THAT(hub_.column(kMetrics),
                ElementsAre("2026-01-01 12:00:00 one 75 26 0.7425742574257426 51 50 95 99 1010",
                            "2026-01-01 12:00:00 two 0 1 0", "2026-01-01 12:05:00 one 1 0 1 5 5 5 5 10"));
}

TEST_F(Statistics, what_nothing_ended_in_is_no_window) {
    accept({timed("a", "running", "1"), timed("b", "completed", "1", "13:00:00")});
    EXPECT_EQ(publish("13:06"), "1");
    EXPECT_THAT(hub_.column("select period_start at time zone 'UTC' from central.execution_metrics"),
                ElementsAre("2026-01-01 13:00:00"));
    EXPECT_EQ(publish("23:00"), "0");
}

TEST_F(Statistics, a_window_is_published_once_and_what_comes_later_is_counted_beside_it) {
    accept({timed("a", "completed", "10")});
    EXPECT_EQ(publish("12:06"), "1");
    EXPECT_THAT(
        accept({timed("a", "completed", "10"), timed("late", "failed", "900", "12:04:00"),
                timed("later", "failed", "900", "11:00:00"), timed("not", "failed", "1", "12:05:00")}),
        ElementsAre("known", "stored", "stored", "stored"));
    EXPECT_EQ(publish("12:06"), "0");
    EXPECT_EQ(publish("12:11"), "1");
    EXPECT_THAT(
        hub_.column("select concat_ws(' ', period_start at time zone 'UTC', jobs_completed, jobs_failed,"
                    " late_rows) from api.execution_metrics order by period_start"),
        ElementsAre("2026-01-01 11:00:00 1", "2026-01-01 12:00:00 1 0 1", "2026-01-01 12:05:00 0 1 0"));
}

TEST_F(Statistics, a_window_waits_until_what_was_sent_is_stored) {
    const auto note = [this](std::string_view time) {
        hub_.script(core::format("select public.note_consumed('2026-01-01 {}Z'::timestamptz)", time));
    };
    accept({timed("a", "completed", "10")});
    EXPECT_EQ(hub_.value("select public.publish_execution_metrics()"), "0")
        << "no consumer has said anything";
    note("12:05:59");
    EXPECT_EQ(hub_.value("select public.publish_execution_metrics()"), "0");
    note("12:06:00");
    note("12:01:00");  // an older word changes nothing
    EXPECT_EQ(hub_.value("select public.publish_execution_metrics()"), "1");
    EXPECT_EQ(hub_.value("select closed_until at time zone 'UTC' from api.statistics_state"),
              "2026-01-01 12:05:00");
}

TEST_F(Statistics, a_row_that_is_being_stored_while_its_window_is_closed_is_in_it) {
    Database other("centralcloud", "centralcloud");
    accept({timed("a", "completed", "10")});
    other.script("begin; select * from " + call({timed("b", "completed", "20")}));
    std::string published;
    std::thread closer([&] {
        Database third("centralcloud", "centralcloud");
        published = third.value("select public.publish_execution_metrics('2026-01-01 12:06Z')");
    });
    EXPECT_EQ(
        wait_for(hub_, "select count(*) from pg_locks where locktype = 'advisory' and not granted", "1"),
        "1");
    other.script("commit");
    closer.join();
    EXPECT_EQ(published, "1");
    EXPECT_EQ(hub_.value("select jobs_completed from central.execution_metrics"), "2");
}

TEST_F(Statistics, many_windows_at_once_are_the_same_as_one_after_the_other) {
    constexpr std::string_view kRows =
        "insert into central.job_statistics (language, status, execution_time_ms, memory_used_mb, "
        "instance_id,"
        " recorded_at) select 'c', case when i % 7 = 0 then 'failed' else 'completed' end, i * 7919 % 997, i "
        "% 64,"
        " 'i' || i % 3, '2026-01-01 00:00Z'::timestamptz + i * interval '17 seconds' from generate_series(1, "
        "5000) i";
    const std::string all =
        core::format("select md5(string_agg(m, ',' order by m)) from ({}) t (m)", kMetrics);
    hub_.script(kRows);
    EXPECT_EQ(publish("23:59"), "852");
    const std::string at_once = hub_.value(all);
    clear();
    hub_.script(kRows);
    for (int hour = 0; hour < 24; ++hour) publish(core::format("{:02}:59", hour));
    EXPECT_EQ(hub_.value(all), at_once);
}

TEST_F(Statistics, what_is_old_is_pruned) {
    accept({job("a"), with(job("b"), R"({"recorded_at": null})")});
    publish("12:06");
    EXPECT_EQ(hub_.value("select public.prune_history()"), "2");
    EXPECT_EQ(hub_.value("select count(*) from central.job_statistics"), "1");
    EXPECT_THAT(hub_.column(kMetrics), IsEmpty());
}

}  // namespace
}  // namespace singularity::schema::test
