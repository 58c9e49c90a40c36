// Insights from windows, in database genesis.
#include <gmock/gmock.h>

#include "core/format.hpp"
#include "insights.hpp"

namespace singularity::schema::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view kRegressions =
    "select concat_ws(' ', kind, instance_id, language, window_start at time zone 'UTC') from api.insights"
    " where kind ~ 'regression' order by window_start, kind";

constexpr std::string_view kNoise = "'execution_time_ms', (exp(4 + 0.5 * random_normal()))::integer";

TEST_F(Insights, jobs_that_take_longer_than_in_the_window_before_are_told_with_evidence) {
    jobs(0, 60, "'execution_time_ms', 80 + i");
    jobs(1, 60, "'execution_time_ms', 160 + 2 * i");
    jobs(1, 60, "'execution_time_ms', 80 + i, 'instance_id', 'two'");
    publish_all();
    EXPECT_EQ(refresh(), "2");
    EXPECT_THAT(genesis_.column(kRegressions),
                ElementsAre("latency_regression one python 2026-01-01 12:05:00"));
    EXPECT_EQ(
        genesis_.value("select concat_ws('|', round(effect::numeric, 2), samples, p_value <= q_value,"
                       " q_value < 1e-9, evidence ->> 'tests', evidence #>> '{before,geometric_mean_ms}',"
                       " evidence #>> '{now,ended}', summary) from api.insights where kind ~ 'regression'"),
        "1.99|120|t|t|2|109.1|60|python jobs of one took 1.99 times as long as in the five minutes before");
}

TEST_F(Insights, more_failures_than_in_the_window_before_are_told) {
    jobs(0, 100, "'status', case when i <= 2 then 'failed' else 'completed' end");
    jobs(1, 100, "'status', case when i <= 30 then 'failed' else 'completed' end");
    jobs(2, 100, "'status', case when i <= 3 then 'failed' else 'completed' end");
    publish_all();
    refresh();
    EXPECT_THAT(genesis_.column(kRegressions),
                ElementsAre("success_rate_regression one python 2026-01-01 12:05:00"));
    EXPECT_EQ(genesis_.value("select summary from api.insights where kind ~ 'regression'"),
              "30.0 % of the python jobs of one failed, after 2.0 % in the five minutes before");
}

TEST_F(Insights, few_jobs_and_windows_that_do_not_follow_each_other_are_not_compared) {
    jobs(0, 29, "'execution_time_ms', 10");
    jobs(1, 60, "'execution_time_ms', 1000");
    jobs(3, 60, "'execution_time_ms', 9000");
    publish_all();
    EXPECT_EQ(refresh(), "3");
    EXPECT_THAT(genesis_.column(kRegressions), IsEmpty());
}

TEST_F(Insights, jobs_without_a_duration_are_counted_and_not_timed) {
    jobs(0, 100, "'execution_time_ms', null");
    jobs(1, 100, "'execution_time_ms', null, 'cpu_time_ms', null, 'memory_used_mb', null");
    publish_all();
    EXPECT_EQ(refresh(), "2");
    EXPECT_EQ(
        genesis_.value("select string_agg(concat_ws(' ', ended, timed, log_mean), ',') from window_facts"),
        "100 0,100 0");
}

TEST_F(Insights, equal_short_times_are_no_reason_to_divide_by_zero) {
    jobs(0, 50, "'execution_time_ms', 0");
    jobs(1, 50, "'execution_time_ms', 0");
    jobs(2, 50, "'execution_time_ms', 3");
    publish_all();
    EXPECT_EQ(refresh(), "3");
    EXPECT_THAT(genesis_.column(kRegressions),
                ElementsAre("latency_regression one python 2026-01-01 12:10:00"));
}

TEST_F(Insights, a_window_that_came_before_its_rows_waits_for_them) {
    jobs(0, 60);
    publish(0);
    replica_.script("update central.execution_metrics set jobs_completed = 61");
    EXPECT_EQ(refresh(), "0");
    EXPECT_EQ(genesis_.value("select count(*) from api.analysed_windows"), "0");
    jobs(0, 1);
    EXPECT_EQ(refresh(), "1");
    EXPECT_EQ(genesis_.value("select concat_ws(' ', jobs, complete) from api.analysed_windows"), "61 t");
}

constexpr std::string_view kLooked =
    "select concat_ws(' ', (period_start at time zone 'UTC')::time, jobs, complete) from api.analysed_windows"
    " order by period_start";

TEST_F(Insights, a_window_whose_rows_do_not_come_is_given_up_when_those_of_an_hour_later_are_there) {
    jobs(0, 60);
    publish(0);
    replica_.script("update central.execution_metrics set jobs_completed = 61");
    jobs(12, 60);
    publish(12);
    EXPECT_EQ(refresh(), "1");
    EXPECT_THAT(genesis_.column(kLooked), ElementsAre("13:00:00 60 t"));
    jobs(13, 60);
    publish(13);
    EXPECT_EQ(refresh(), "2");
    EXPECT_THAT(genesis_.column(kLooked), ElementsAre("12:00:00 61 f", "13:00:00 60 t", "13:05:00 60 t"));
    EXPECT_EQ(genesis_.value("select sum(jobs) from verdict_facts"), "120");
}

TEST_F(Insights, old_windows_of_a_new_replica_wait_until_rows_are_there) {
    constexpr std::string_view kUnsteady =
        "'code_sha256', sha256('a'), 'input_sha256', sha256('b'),"
        " 'verdict', case when i = 1 then 'oom' else 'ok' end";
    constexpr int kDay = 288;
    jobs(0, 60, kUnsteady);
    jobs(2 * kDay, 60);
    publish_all();
    replica_.script(
        "create temporary table away as select * from central.job_statistics;"
        "truncate central.job_statistics");
    EXPECT_EQ(refresh(), "0");
    replica_.script("insert into central.job_statistics select * from away; drop table away");
    EXPECT_EQ(refresh(), "2");
    EXPECT_EQ(genesis_.value("select count(*) from insights where kind = 'flaky_job'"), "1");
    EXPECT_EQ(genesis_.value("select sum(jobs) from verdict_facts"), "60") << "as far back as the horizon";
}

TEST_F(Insights, late_jobs_and_running_ones_are_in_no_window) {
    jobs(0, 60);
    publish(0);
    jobs(0, 40, "'late', true, 'status', 'failed'");
    jobs(0, 40, "'status', 'running'");
    EXPECT_EQ(refresh(), "1");
    EXPECT_EQ(genesis_.value("select concat_ws(' ', ended, failed) from window_facts"), "60 0");
    EXPECT_EQ(genesis_.value("select late_rows from api.execution_metrics"), "40");
}

TEST_F(Insights, a_window_is_taken_once_and_window_by_window_gives_the_same_as_all_at_once) {
    constexpr std::string_view kAll =
        "select md5(string_agg(concat_ws('|', kind, instance_id, language, subject, window_start, "
        "round(effect::"
        "numeric, 9), samples, summary, evidence, last_seen_at), ',' order by kind, instance_id, language, "
        "subject,"
        " window_start)) from insights";
    const auto fill = [this](int window) {
        replica_.script(core::format("select setseed(0.{})", window + 1));
        jobs(window, 200,
             core::format(
                 "'instance_id', 'i' || i % 2, 'code_sha256', sha256((i % 50)::text::bytea), 'input_sha256',"
                 " sha256(''), 'verdict', case when i = 7 then 'oom' else 'ok' end, 'execution_time_ms',"
                 " ({} * exp(4 + 0.5 * random_normal()))::integer",
                 window == 9 ? 3 : 1));
    };
    for (int window = 0; window < 20; ++window) fill(window);
    publish_all();
    EXPECT_EQ(refresh(), "20");
    EXPECT_EQ(refresh(), "0");
    const std::string at_once = genesis_.value(kAll);
    EXPECT_NE(genesis_.value("select count(*) from insights where kind = 'latency_regression'"), "0");
    EXPECT_NE(genesis_.value("select count(*) from insights where kind = 'flaky_job'"), "0");
    genesis_.script("delete from insights; delete from analysed_windows; delete from verdict_facts");
    replica_.script("truncate central.execution_metrics");
    for (int window = 0; window < 20; ++window) {
        publish(window);
        EXPECT_EQ(refresh(), "1");
    }
    EXPECT_EQ(genesis_.value(kAll), at_once);
}

// The rate is raised so that a few hundred windows tell it from twice as much.
TEST_F(Insights, where_nothing_changes_no_more_windows_than_stated_are_told_of) {
    set("false_discovery_rate = 0.05");
    replica_.script("select setseed(0.4)");
    for (int window = 0; window < 300; ++window) {
        jobs(
            window, 240,
            "'language', 'l' || i % 4, 'status', case when random() < 0.1 then 'failed' else 'completed' end,"
            " 'execution_time_ms', (case when random() < 0.2 then 20 else 1 end * exp(3 + 0.6 * "
            "random_normal()))"
            "::integer");
    }
    publish_all();
    EXPECT_EQ(refresh(), "300");
    // 15 are expected at most; four standard deviations more are 30.
    EXPECT_LE(std::stoi(genesis_.value(
                  "select count(distinct window_start) from insights where kind ~ 'regression'")),
              30);
    EXPECT_EQ(
        genesis_.value("select count(*) from insights.compare(array(select period_start from window_facts"
                       " where period_start > '2026-01-01 12:00Z'))"),
        std::to_string(299 * 4 * 2));
}

TEST_F(Insights, what_became_much_worse_is_found_at_the_rate_that_is_preset) {
    replica_.script("select setseed(0.6)");
    for (int window = 0; window < 100; ++window) {
        const bool slow = window % 4 == 1, failing = window % 4 == 3;
        jobs(
            window, 240,
            core::format(
                "'language', 'l' || i % 4, 'status', case when random() < case when {} and i % 4 = 0 then 0.5"
                " else 0.1 end then 'failed' else 'completed' end, 'execution_time_ms', (case when {} and"
                " i % 4 = 0 then 2 else 1 end * exp(4 + 0.5 * random_normal()))::integer",
                failing, slow));
    }
    publish_all();
    refresh();
    const auto found = [this](std::string_view kind, int window) {
        return std::stoi(
            genesis_.value(core::format("select count(*) from insights where kind = '{}' and language = 'l0' "
                                        "and extract(minute from window_start"
                                        " - '2026-01-01 12:00Z')::integer / 5 % 4 = {}",
                                        kind, window)));
    };
    EXPECT_GE(found("latency_regression", 1), 24);
    EXPECT_GE(found("success_rate_regression", 3), 20);
    EXPECT_LE(std::stoi(genesis_.value(
                  "select count(*) from insights where kind ~ 'regression' and language <> 'l0'")),
              1);
}

TEST_F(Insights, fishers_test_gives_the_exact_probability) {
    EXPECT_EQ(genesis_.value(
                  "with tables as (select a, 12 as n, b, 15 as m from generate_series(0, 12) a, "
                  "generate_series(0, 15) b),"
                  " choose (n, k, c) as (select n, k, factorial(n) / (factorial(k) * factorial(n - k))"
                  "  from generate_series(0, 27) n, generate_series(0, n) k)"
                  " select count(*) from tables t cross join lateral (select sum(x.c * y.c) / min(z.c) as p"
                  "  from choose x, choose y, choose z where x.n = t.m and x.k >= t.b and y.n = t.n"
                  "   and y.k = t.a + t.b - x.k and z.n = t.n + t.m and z.k = t.a + t.b) exact"
                  " where t.b::numeric / t.m > t.a::numeric / t.n"
                  "  and abs(insights.fisher_p(t.a, t.n, t.b, t.m) / exact.p::double precision - 1) > 1e-7"),
              "0");
    EXPECT_EQ(genesis_.value("select insights.fisher_p(0, 1000000, 500000, 1000000)"),
              "9.85967654375977e-305")
        << "as small as is told";
}

TEST_F(Insights, a_share_of_failures_that_is_not_worked_out_is_no_finding) {
    EXPECT_EQ(
        genesis_.value(
            "select count(*) from (values (30, 30), (30, 300), (300, 30), (100, 100)) s (n, m),"
            " generate_series(0, n, greatest(1, n / 30)) a, generate_series(0, m, greatest(1, m / 60)) b,"
            " lateral (select (a + b) / (n + m)::float as r) rate"
            " where b - m * r > 0 and b - m * r <= 1.5 * sqrt(m * r * (1 - r) * n / (n + m - 1))"
            "  and insights.fisher_p(a, n, b, m) < 0.02"),
        "0");
}

}  // namespace
}  // namespace singularity::schema::test
