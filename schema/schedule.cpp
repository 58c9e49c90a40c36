#include "schema/schedule.hpp"

#include <boost/asio.hpp>

#include "core/format.hpp"
#include "core/log.hpp"
#include "schema/migrations.hpp"
#include "schema/names.hpp"

namespace singularity::schema {

namespace {

using pgclient::Connection;
using pgclient::Query;
using pgclient::Task;

constexpr Query kScheduleDatabase{"schedule.database",
                                  "select coalesce(current_setting('cron.database_name', true), '')"};

// Only statements that find something to do reach pg_cron: it reloads its jobs after each change.
constexpr Query kSchedule{
    "schedule.job",
    "select cron.schedule_in_database($1::text, $2::text, $3::text, $4::text, role.name)"
    " from (select coalesce(nullif($5::text, ''), current_user::text) as name) as role"
    " where not exists (select from cron.job j where j.jobname = $1::text and j.schedule = $2::text"
    "  and j.command = $3::text and j.database = $4::text and j.username = role.name)"};

constexpr Query kHasExtension{"schedule.has_extension",
                              "select exists (select from pg_extension where extname = 'pg_cron')"};

// At night, at a minute of its own.
Job prune_history(const Database& database, std::string_view minute) {
    return {.name = core::format("prune history of {}", database.name),
            .schedule = core::format("{} 3 * * *", minute),
            .command = "select public.prune_history()",
            .database = database.name,
            .role = database.owner};
}

// By the operator, whose table it is. Enough at once for what a queue that is sent to all day has an hour.
Job forget_unique_keys(const Database& database, std::string_view minute) {
    return {.name = core::format("forget unique keys in {}", database.name),
            .schedule = core::format("{} * * * *", minute),
            .command = "select queue.forget_keys(1000000)",
            .database = database.name,
            .role = ""};
}

}  // namespace

std::vector<Job> jobs_of(std::string_view instance_id, const std::string& schedule_database) {
    const Database instance = database_of("singularity", instance_id);
    const Database bus = database_of("shared_queue", instance_id);
    const Database hub = database_of("centralcloud", instance_id);
    const Database genesis = database_of("genesis", instance_id);
    const Database nexus = database_of("nexus", instance_id);
    return {
        {.name = core::format("learn in {}", instance.name),
         .schedule = "*/5 * * * *",
         .command = "select public.learn_patterns_from_analysis()",
         .database = instance.name,
         .role = instance.owner},
        {.name = "prune queue archives",
         .schedule = "17 3 * * *",
         .command = "call public.prune_archives()",
         .database = bus.name,
         .role = bus.owner},
        {.name = "fold queue latencies",
         .schedule = "30 seconds",
         .command = "select public.fold_latencies()",
         .database = bus.name,
         .role = bus.owner},
        prune_history(instance, "23"),
        prune_history(hub, "29"),
        prune_history(genesis, "31"),
        prune_history(nexus, "37"),
        {.name = core::format("publish execution metrics of {}", hub.name),
         .schedule = "* * * * *",
         .command = "select public.publish_execution_metrics()",
         .database = hub.name,
         .role = hub.owner},
        {.name = core::format("refresh insights in {}", genesis.name),
         .schedule = "* * * * *",
         .command = "select public.refresh_insights()",
         .database = genesis.name,
         .role = genesis.owner},
        {.name = core::format("prune statistics in {}", genesis.name),
         .schedule = "47 3 * * *",
         .command = "select public.prune_statistics()",
         .database = genesis.name,
         .role = genesis.owner},
        {.name = "prune the schedule's history",
         .schedule = "41 3 * * *",
         .command = "delete from cron.job_run_details where end_time < now() - interval '7 days'",
         .database = schedule_database,
         .role = ""},
        forget_unique_keys(bus, "7"),
        forget_unique_keys(instance, "11"),
        forget_unique_keys(genesis, "13"),
        forget_unique_keys(nexus, "19"),
    };
}

Task<std::string> schedule_database(Connection& session) {
    co_return co_await session.one<std::string>(kScheduleDatabase);
}

Task<void> ensure_schedule(Connection& session, const std::vector<Job>& jobs) {
    if (!co_await session.one<bool>(kHasExtension)) co_await session.script("create extension pg_cron");
    for (const Job& job : jobs) {
        const auto scheduled = co_await session.rows<std::int64_t>(kSchedule, job.name, job.schedule,
                                                                   job.command, job.database, job.role);
        if (!scheduled.empty()) core::log::info("bootstrap.job", {{"job", job.name}});
    }
    co_await session.script(operator_script("scheduled_jobs.sql"));
}

}  // namespace singularity::schema
