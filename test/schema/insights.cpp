#include "insights.hpp"
#include "core/format.hpp"

namespace singularity::schema::test {

namespace {

constexpr std::string_view kUnschedule =
    "select cron.alter_job(jobid, active => false) from cron.job where jobname ~ '^(refresh insights|prune "
    "statistics)'";

std::string start_of(int number) {
    return core::format("('2026-01-01 12:00Z'::timestamptz + {} * interval '5 minutes')", number);
}

// As CentralCloud does, which has an aggregate of its own for it.
constexpr std::string_view kPublish = R"(
insert into central.execution_metrics (id, period_start, period_end, instance_id, jobs_completed, jobs_failed, languages)
select public.gen_monotonic_ulid()::uuid, start, start + interval '5 minutes', instance_id, sum(ended - failed),
    sum(failed), jsonb_object_agg(language, jsonb_build_object('ended', ended, 'failed', failed, 'timed', timed,
        'log_mean', log_mean, 'log_variance', log_variance))
from (
    select start, instance_id, language, count(*) as ended, count(*) filter (where status = 'failed') as failed,
        count(log_time) as timed, avg(log_time) as log_mean, var_samp(log_time) as log_variance
    from central.job_statistics,
        date_bin('5 minutes', recorded_at, timestamptz '2000-01-01 00:00Z') w (start),
        ln(case when status = 'completed' then execution_time_ms + 1.0::double precision end) l (log_time)
    where not late and status in ('completed', 'failed'){}
    group by start, instance_id, language) each
group by start, instance_id
order by start)";

}  // namespace

void Insights::SetUpTestSuite() {
    Database("singularity").script(kUnschedule);
}

void Insights::clear() {
    replica_.script(
        "set session_replication_role = replica;"
        "truncate central.job_statistics, central.execution_metrics, public.insights, "
        "public.analysed_windows,"
        " public.verdict_facts;"
        "delete from public.insight_settings; insert into public.insight_settings default values");
}

void Insights::jobs(int number, int count, std::string_view expressions) {
    replica_.script(core::format(
        "insert into central.job_statistics select r.* from generate_series(1, {}) i"
        " cross join lateral (select ('{{\"language\": \"python\", \"status\": \"completed\", \"verdict\": "
        "\"ok\","
        "  \"instance_id\": \"one\", \"execution_time_ms\": 100, \"cpu_time_ms\": 50, \"memory_used_mb\": 30,"
        "  \"limit_cpu_ms\": 5000, \"limit_wall_ms\": 10000, \"limit_memory_mb\": 256, \"kind\": \"run\","
        "  \"phase\": \"run\", \"late\": false}}'::jsonb || jsonb_build_object('id', public.gen_ulid()::uuid,"
        "  'job_id', public.gen_ulid()::uuid, 'recorded_at', {} + i * interval '1 millisecond')"
        "  || jsonb_build_object({})) as body) m"
        " cross join lateral jsonb_populate_record(null::central.job_statistics, m.body) r",
        count, start_of(number), expressions));
}

void Insights::publish(int number) {
    replica_.script(core::format(kPublish, " and w.start = " + start_of(number)));
}

void Insights::publish_all() {
    replica_.script(core::format(kPublish, ""));
}

void Insights::set(std::string_view assignment) {
    genesis_.script(core::format("update public.insight_settings set {}", assignment));
}

}  // namespace singularity::schema::test
