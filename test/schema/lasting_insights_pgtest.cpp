// Insights that last for as long as they hold, limits for the next run, and the pruning of replicas.
#include <gmock/gmock.h>

#include "core/format.hpp"
#include "insights.hpp"

namespace singularity::schema::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// The columns that make a job the same one again.
std::string same(std::string_view code, std::string_view fields = "") {
    return core::format("'code_sha256', sha256('{}'), 'input_sha256', sha256(''){}{}", code,
                        fields.empty() ? "" : ", ", fields);
}

std::string told(std::string_view kind) {
    return core::format(
        "select concat_ws(' ', coalesce(instance_id, '-'), language, subject, round(effect::numeric, 3), "
        "samples,"
        " ended_at is null) from api.insights where kind ~ '{}' order by instance_id, language, subject",
        kind);
}

class LastingInsights : public Insights {
protected:
    void analyse() {
        replica_.script("truncate central.execution_metrics");
        publish_all();
        refresh();
    }

    std::vector<std::string> suggested(std::string_view arguments) {
        return genesis_.column(core::format(
            "select concat_ws(' ', limit_name, suggested, basis) from suggested_limits({})", arguments));
    }
};

TEST_F(LastingInsights, a_limit_that_all_jobs_reach_is_told_until_one_does_not) {
    jobs(0, 40, "'status', 'failed', 'verdict', 'wall_timeout', 'execution_time_ms', 10000");
    analyse();
    EXPECT_THAT(genesis_.column(told("limit_always")), ElementsAre("one python wall_ms 1.000 40 t"));
    jobs(1, 1);
    analyse();
    EXPECT_THAT(genesis_.column(told("limit_always")), ElementsAre("one python wall_ms 1.000 40 f"));
}

TEST_F(LastingInsights, a_limit_that_no_job_reaches_is_told_with_what_was_used) {
    jobs(0, 299);
    analyse();
    EXPECT_THAT(genesis_.column(told("limit_never")), IsEmpty()) << "not enough to say so";
    jobs(1, 1, "'memory_used_mb', 64");
    analyse();
    EXPECT_THAT(genesis_.column(told("limit_never")),
                ElementsAre("one python cpu_ms 0.010 300 t", "one python memory_mb 0.250 300 t",
                            "one python wall_ms 0.010 300 t"));
    EXPECT_EQ(genesis_.value("select concat_ws(' ', evidence -> 'largest_use', evidence -> 'smallest_limit',"
                             " evidence -> 'rate_below') from insights where subject = 'memory_mb'"),
              "64 256 0.01000");
    jobs(2, 1, "'verdict', 'oom', 'status', 'failed'");
    analyse();
    EXPECT_THAT(genesis_.column(told("limit_never")), Contains("one python memory_mb 0.250 300 f"));
}

TEST_F(LastingInsights, what_is_behind_the_horizon_is_forgotten) {
    jobs(0, 40, "'status', 'failed', 'verdict', 'oom'");
    analyse();
    jobs(290, 1, "'language', 'c'");
    analyse();
    EXPECT_THAT(genesis_.column(told("limit_always")), ElementsAre("one python memory_mb 1.000 40 f"));
    EXPECT_EQ(genesis_.value("select count(distinct language) from verdict_facts"), "1");
}

TEST_F(LastingInsights, verdicts_tell_what_they_cost) {
    jobs(0, 30, "'cpu_time_ms', 100");
    jobs(0, 10, "'cpu_time_ms', 700, 'verdict', 'cpu_timeout', 'status', 'failed'");
    jobs(0, 5, "'cpu_time_ms', null, 'verdict', 'sandbox_error', 'status', 'failed'");
    analyse();
    EXPECT_THAT(genesis_.column(told("verdict_cost")),
                ElementsAre("one python cpu_timeout 0.700 10 t", "one python ok 0.100 30 t"));
    EXPECT_EQ(genesis_.value("select evidence ->> 'share' from insights where subject = 'cpu_timeout'"),
              "0.7000");
}

TEST_F(LastingInsights, a_job_that_does_not_always_end_alike_is_flaky) {
    jobs(0, 9, same("code"));
    jobs(0, 20, same("steady"));
    analyse();
    EXPECT_THAT(genesis_.column(told("flaky")), IsEmpty());
    jobs(1, 1, same("code", "'verdict', 'runtime_error', 'status', 'failed', 'instance_id', 'two'"));
    analyse();
    EXPECT_THAT(genesis_.column(told("flaky")), ElementsAre(HasSubstr("0.100 10 t")));
    EXPECT_EQ(genesis_.value("select concat_ws(' ', evidence #>> '{verdicts,ok,runs}', evidence #>> "
                             "'{verdicts,runtime_error,instances}', evidence ->> 'code_sha256' ="
                             " encode(sha256('code'), 'hex')) from insights where kind = 'flaky_job'"),
              "9 [\"two\"] t");
    jobs(2, 10, same("code"));
    analyse();
    EXPECT_THAT(genesis_.column(told("flaky")), ElementsAre(HasSubstr("0.050 20 t")));
}

TEST_F(LastingInsights, what_is_not_the_jobs_fault_makes_it_not_flaky) {
    jobs(0, 3, same("a"));
    jobs(0, 1, same("a", "'verdict', 'cancelled', 'status', 'failed'"));
    jobs(0, 1, same("a", "'verdict', 'sandbox_error', 'status', 'failed'"));
    jobs(0, 1, same("a", "'verdict', 'oom', 'limit_memory_mb', 16, 'status', 'failed'"));
    jobs(0, 1, same("a", "'verdict', 'compile_error', 'kind', 'validate', 'status', 'failed'"));
    jobs(0, 1, "'code_sha256', sha256('a'), 'input_sha256', sha256('other'), 'verdict', 'signal'");
    jobs(0, 1, "'code_sha256', sha256('a'), 'input_sha256', null, 'verdict', 'signal'");
    analyse();
    EXPECT_THAT(genesis_.column(told("flaky")), IsEmpty());
}

TEST_F(LastingInsights, runs_that_are_far_apart_are_not_compared_and_flakiness_ends) {
    jobs(0, 1, same("a"));
    jobs(0, 1, same("b"));
    jobs(0, 1, same("b", "'verdict', 'signal'"));
    analyse();
    EXPECT_THAT(genesis_.column(told("flaky")), ElementsAre(HasSubstr("0.500 2 t")));
    jobs(8 * 288, 1, same("a", "'verdict', 'signal'"));
    analyse();
    EXPECT_THAT(genesis_.column(told("flaky")), ElementsAre(HasSubstr("0.500 2 f")));
}

TEST_F(LastingInsights, limits_are_suggested_from_what_successful_runs_of_the_code_used) {
    jobs(0, 100, same("code", "'cpu_time_ms', i * 10, 'execution_time_ms', i * 20, 'memory_used_mb', i"));
    EXPECT_THAT(suggested("'python', encode(sha256('code'), 'hex')"),
                ElementsAre("cpu_ms 1500 code", "memory_mb 160 code", "wall_ms 3000 code"));
    EXPECT_THAT(suggested("'rust', encode(sha256('code'), 'hex')"), IsEmpty());
    set("headroom = 2, most_memory_mb = 128");
    EXPECT_THAT(suggested("'python', encode(sha256('code'), 'hex')"),
                ElementsAre("cpu_ms 2000 code", "memory_mb 128 code", "wall_ms 4000 code"));
}

TEST_F(LastingInsights, a_limit_that_was_reached_is_raised_where_that_can_help) {
    const std::string code = "'python', encode(sha256('code'), 'hex')";
    const auto reached = [this](int megabytes) {
        jobs(0, 1,
             same("code", core::format("'verdict', 'oom', 'status', 'failed', 'memory_used_mb', {0},"
                                       " 'limit_memory_mb', {0}",
                                       megabytes)));
    };
    reached(256);
    EXPECT_THAT(suggested(code), Contains("memory_mb 512 code")) << "no run has succeeded";
    reached(512);
    EXPECT_THAT(suggested(code), Contains("memory_mb 1024 code"));
    reached(1024);
    EXPECT_THAT(suggested(code), Contains("memory_mb 1024 code")) << "raising it has not helped";
    jobs(0, 1, same("code", "'memory_used_mb', 600, 'limit_memory_mb', 2048"));
    EXPECT_THAT(suggested(code), Contains("memory_mb 2048 code")) << "successful runs come near";
    jobs(0, 1, same("loop", "'cpu_time_ms', 40"));
    jobs(0, 1, same("loop", "'verdict', 'cpu_timeout', 'status', 'failed', 'cpu_time_ms', 5000"));
    EXPECT_THAT(suggested("'python', encode(sha256('loop'), 'hex')"), Contains("cpu_ms 100 code"))
        << "what reached it is not like what succeeds";
}

TEST_F(LastingInsights, code_that_never_ran_gets_what_its_language_needs) {
    for (int window = 0; window < 3; ++window)
        jobs(window, 500, core::format("'cpu_time_ms', {}", 100 * (3 - window)));
    jobs(2, 50, "'language', 'c', 'cpu_time_ms', 9000");
    analyse();
    EXPECT_THAT(suggested("'python', repeat('0', 64)"), Contains("cpu_ms 300 language"))
        << "the last thousand";
    EXPECT_THAT(suggested("'python'"), Contains("cpu_ms 300 language"));
    EXPECT_THAT(suggested("'cobol'"), IsEmpty());
    Database console("genesis", "console");
    EXPECT_EQ(console.value("select count(*) from api.suggested_limits('python')"), "3");
}

TEST_F(LastingInsights, genesis_prunes_its_replicas_and_nobody_else_writes_them) {
    jobs(0, 10, "'recorded_at', now() - interval '31 days'");
    jobs(0, 5, "'recorded_at', now() - interval '29 days'");
    Database replica("genesis");
    for (Database* session : {&genesis_, &replica}) {
        for (const std::string_view write :
             {"delete from central.job_statistics", "delete from central.execution_metrics",
              "truncate central.job_statistics", "update central.job_statistics set language = 'c'"}) {
            EXPECT_EQ(session->failure(write), "42501") << write;
        }
    }
    EXPECT_EQ(Database("genesis", "console").failure("select central.prune_statistics('1 day')"), "42501");
    EXPECT_EQ(genesis_.value("select public.prune_statistics()"), "10");
    set("keep = '8 days'");
    EXPECT_EQ(genesis_.value("select public.prune_statistics()"), "5");
    EXPECT_EQ(genesis_.failure("update insight_settings set keep = '6 days'"), "23514")
        << "flaky jobs are looked for in seven";
}

TEST_F(LastingInsights, what_centralcloud_deletes_stays_in_the_replicas_and_apply_goes_on) {
    Database hub("centralcloud");
    constexpr std::string_view kInsert =
        "insert into central.job_statistics (language, status, instance_id, recorded_at) values ('go', "
        "'completed',"
        " 'hub', now()); insert into central.execution_metrics (period_start, period_end, instance_id)"
        " values (date_bin('1 hour', now(), '2000-01-01') + random() * interval '1 hour', 'infinity', 'hub')";
    constexpr std::string_view kCount =
        "select (select count(*) from central.job_statistics where instance_id = 'hub')"
        " + (select count(*) from central.execution_metrics where instance_id = 'hub')";
    // Others' tests provoke some, in this cluster.
    constexpr std::string_view kErrors = "select sum(apply_errors) from api.replication";
    const std::string errors_before = genesis_.value(kErrors);
    hub.script(kInsert);
    EXPECT_EQ(wait_for(genesis_, kCount, "2"), "2");
    hub.script("delete from central.job_statistics; delete from central.execution_metrics");
    hub.script(kInsert);
    EXPECT_EQ(wait_for(genesis_, kCount, "4"), "4");
    hub.script("truncate central.job_statistics, central.execution_metrics");
    replica_.script("delete from central.job_statistics where instance_id = 'hub'");  // as pruning does
    hub.script(kInsert);
    EXPECT_EQ(wait_for(genesis_, kCount, "4"), "4");  // one job, and every window
    EXPECT_EQ(genesis_.value(kErrors), errors_before);
    hub.script("delete from central.job_statistics; delete from central.execution_metrics");
}

}  // namespace
}  // namespace singularity::schema::test
