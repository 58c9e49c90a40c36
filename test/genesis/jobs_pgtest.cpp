// From a request to its one answer, whatever the runner does.
#include <boost/asio.hpp>

#include <thread>

#include "genesis_fixture.hpp"

namespace singularity::services::genesis {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using messages::JobRequest;
using messages::JobResult;

constexpr char kAllDone[] =
    "exists (select from public.jobs) and not exists (select from public.jobs where finished_at is null)";

TEST_F(GenesisPg, a_job_is_run_answered_and_counted_once) {
    JobRequest asked = job("r1", "print(1)");
    asked.agent_id = "a1";
    ask({asked});
    serve_until(kAllDone);
    EXPECT_EQ(verdicts("r1"), "ok");
    EXPECT_EQ(runs_["r1"], 1);
    EXPECT_EQ(value("select state || ' ' || verdict || ' ' || attempts || ' ' || whose from public.jobs"),
              "done ok 1 singularity/a1");
    EXPECT_EQ(value("select state from public.runs"), "ended");
    EXPECT_EQ(value("select jobs || ' ' || cpu_ms from public.agent_usage"), "1 5");
}

TEST_F(GenesisPg, its_statistics_go_with_the_answer) {
    ask({job("r1")});
    serve_until(kAllDone);
    EXPECT_EQ(value("select concat_ws(' ', message ->> 'status', message ->> 'verdict', message ->> "
                    "'execution_time_ms',"
                    " message ->> 'memory_used_mb', length(message ->> 'code_sha256')) from pgmq.q_outbox"
                    " where headers ->> 'x-outbox-queue' = 'performance_stats_published'"),
              "completed ok 10 2 64");
}

TEST_F(GenesisPg, a_job_of_an_alias_counts_as_one_of_the_language) {
    JobRequest by_alias = job("r2");
    by_alias.language = "py";
    ask({job("r1"), by_alias});
    serve_until("(select count(*) from public.jobs where finished_at is not null) = 2");
    EXPECT_EQ(value("select count(distinct code_sha256) || min(language) || max(language) from public.jobs"),
              "1pythonpython");
    EXPECT_EQ(value("select string_agg(distinct message ->> 'language', ' ') from pgmq.q_outbox"
                    " where headers ->> 'x-outbox-queue' = 'performance_stats_published'"),
              "python");
}

TEST_F(GenesisPg, what_is_kept_of_an_answer_has_no_streams_and_the_whole_is_there_too) {
    ask({job("r1", "print(42)")});
    serve_until(kAllDone);
    EXPECT_EQ(value("select result ? 'stdout' or result ->> 'verdict' <> 'ok' from public.jobs"), "false");
    EXPECT_EQ(value("select api.job_result('r1') ->> 'stdout'"), "print(42)");
    EXPECT_EQ(value("select count(*) from public.jobs j where j::text like '%print(42)%'"), "0");
}

TEST_F(GenesisPg, a_job_that_should_not_be_run_is_refused_with_the_field) {
    runner_.check = [](const JobRequest&) {
        return std::optional(core::Error{core::ErrorCode::invalid_input, "no", {"limits.cpu_ms: too much"}});
    };
    ask({job("r1")});
    serve_until(kAllDone);
    EXPECT_EQ(verdicts("r1"), "refused");
    EXPECT_EQ(runs_["r1"], 0);
    EXPECT_EQ(value("select result #>> '{error,details,fields,0}' from public.jobs"),
              "limits.cpu_ms: too much");
}

TEST_F(GenesisPg, a_job_that_nobody_wants_any_more_is_not_run) {
    JobRequest late = job("late"), early = job("early"), odd = job("odd");
    late.expires_at = "2020-01-01T00:00:00Z";
    early.expires_at = "2999-01-01T00:00:00Z";
    odd.expires_at = "soon";
    ask({late, early, odd});
    serve_until("(select count(*) from public.jobs where finished_at is not null) = 3");
    EXPECT_EQ(verdicts("late"), "cancelled");
    EXPECT_EQ(runs_["late"], 0);
    EXPECT_EQ(verdicts("early") + verdicts("odd"), "okok");
}

TEST_F(GenesisPg, a_box_that_fails_is_tried_again_and_then_the_asker_is_told) {
    config_.queues["job_requests"].max_attempts = 2;
    runner_.run = [this](const JobRequest& request, ShowOutput) -> awaitable<JobResult> {
        if (++runs_[request.request_id] == 1 || request.request_id == "never")
            throw sandbox::SandboxError("the kernel says no");
        co_return ok(request);
    };
    ask({job("later"), job("never")});
    serve_until("(select count(*) from public.jobs where finished_at is not null) = 2");
    EXPECT_EQ(verdicts("later"), "ok");
    EXPECT_EQ(verdicts("never"), "sandbox_error");
    EXPECT_EQ(value("select result #>> '{error,message}' from public.jobs where request_id = 'never'"),
              "the kernel says no");
    EXPECT_EQ(
        value("select string_agg(state, ' ' order by attempt) from public.runs where request_id = 'later'"),
        "failed ended");
}

TEST_F(GenesisPg, while_no_box_can_be_made_jobs_wait_and_health_says_so) {
    bool is_away = true;
    int looks = 0;  // since the job failed; the service itself looks, too
    runner_.run = [this, &is_away](const JobRequest& request, ShowOutput) -> awaitable<JobResult> {
        ++runs_[request.request_id];
        if (is_away) throw sandbox::SandboxError("nobody answers");
        co_return ok(request);
    };
    runner_.probe = [this, &is_away, &looks]() -> awaitable<void> {
        if (runs_["r1"] > 0) ++looks;
        if (is_away) throw sandbox::SandboxError("nobody answers");
        co_return;
    };
    ask({job("r1")});
    std::string reason;
    serve_while([&](Service& service) -> awaitable<void> {
        while (looks < 2) co_await pause(5ms);  // one of them for the job
        reason = service.health().reasons().at("sandbox");
        is_away = false;
        co_await until(kAllDone);
        EXPECT_FALSE(service.health().reasons().contains("sandbox"));
    });
    EXPECT_EQ(reason, "nobody answers");
    EXPECT_EQ(verdicts("r1"), "ok");
    EXPECT_EQ(value("select attempts from public.jobs"), "1");
}

TEST_F(GenesisPg, a_result_that_cannot_be_sent_gives_way_to_one_that_says_so) {
    runner_.run = [](const JobRequest& request, ShowOutput) -> awaitable<JobResult> {
        JobResult result = ok(request);
        result.stdout = "\xff\xfe";
        co_return result;
    };
    ask({job("r1")});
    serve_until(kAllDone);
    EXPECT_EQ(verdicts("r1"), "sandbox_error");
    EXPECT_EQ(value("select result #>> '{error,code}' from public.jobs"), "result_unfit");
}

TEST_F(GenesisPg, a_stop_gives_a_running_job_back_and_the_next_process_runs_it) {
    bool ends = false;
    runner_.run = [this, &ends](const JobRequest& request, ShowOutput) -> awaitable<JobResult> {
        ++runs_[request.request_id];
        if (!ends) co_await pause(1h);
        co_return ok(request);
    };
    ask({job("r1")});
    serve_until("exists (select from public.jobs where state = 'running')");
    EXPECT_EQ(
        value("select j.state || ' ' || r.state from public.jobs j join public.runs r using (request_id)"),
        "queued returned");
    ends = true;
    serve_until(kAllDone);
    EXPECT_EQ(verdicts("r1"), "ok");
    EXPECT_EQ(value("select attempts from public.jobs"), "2");
}

TEST_F(GenesisPg, what_a_dead_process_had_is_run_at_once_and_counted) {
    ask({job("r1")});
    schema::test::Database("shared_queue", "genesis").script("select pgmq.read('job_requests', 3600, 1)");
    own_.script(
        "insert into public.jobs (request_id, instance_id, language, kind, priority, code_sha256, "
        "input_sha256,"
        " enqueued_at, state, attempts) values ('r1', 'singularity', 'python', 'run', 0, repeat('a', 64),"
        " repeat('b', 64), now(), 'running', 1); insert into public.runs (request_id, attempt, service, "
        "msg_id,"
        " read_ct, state) select 'r1', 1, 'dead', " +
        bus_.value("select max(msg_id) from pgmq.q_job_requests") + ", 1, 'running'");
    serve_until(kAllDone);
    EXPECT_EQ(verdicts("r1"), "ok");
    EXPECT_EQ(value("select string_agg(state, ' ' order by attempt) from public.runs"), "lost ended");
}

TEST_F(GenesisPg, what_a_dead_process_had_claimed_and_not_begun_is_run_at_once) {
    ask({job("r1")});
    schema::test::Database("shared_queue", "genesis").script("select pgmq.read('job_requests', 3600, 1)");
    serve_until(kAllDone);
    EXPECT_EQ(verdicts("r1"), "ok");
}

TEST_F(GenesisPg, the_session_of_a_dead_process_that_still_waits_takes_nothing) {
    ask({job("r1")});
    schema::test::Database("shared_queue", "genesis").script("select pgmq.read('job_requests', 3600, 1)");
    std::string end;
    std::thread left([&end] {
        end = schema::test::Database("shared_queue", "genesis")
                  .failure("select msg_id from pgmq.read_with_poll('job_requests', 3600, 1, 60)");
    });
    schema::test::Database server("shared_queue");
    EXPECT_EQ(schema::test::wait_for(server,
                                     "select count(*) from pg_stat_activity where usename = 'genesis'"
                                     " and wait_event = 'QueueRead' and query like '%read_with_poll%'",
                                     "1"),
              "1");
    serve_until(kAllDone);
    left.join();
    EXPECT_EQ(end, "57P01");
    EXPECT_EQ(verdicts("r1"), "ok");
}

TEST_F(GenesisPg, what_another_process_has_is_its_own_while_it_lives) {
    schema::test::Database other("genesis", "genesis");
    other.script(
        "select pg_advisory_lock_shared(hashtextextended('genesis', 0)),"
        " pg_advisory_lock(hashtextextended('genesis other', 0))");
    ask({job("r1")});
    schema::test::Database("shared_queue", "genesis").script("select pgmq.read('job_requests', 3600, 1)");
    ask({job("r2")});
    serve_until(kAllDone);
    EXPECT_EQ(value("select string_agg(request_id, ' ') from public.jobs"), "r2");
}

TEST_F(GenesisPg, a_job_that_many_processes_died_with_is_answered_without_another_try) {
    config_.queues["job_requests"].max_attempts = 2;
    ask({job("r1")});
    own_.script(
        "insert into public.jobs (request_id, instance_id, language, kind, priority, code_sha256, "
        "input_sha256,"
        " enqueued_at, attempts) values ('r1', 'singularity', 'python', 'run', 0, repeat('a', 64),"
        " repeat('b', 64), now(), 2); insert into public.runs (request_id, attempt, service, msg_id, read_ct,"
        " state) values ('r1', 1, 'x', 1, 1, 'lost'), ('r1', 2, 'y', 1, 2, 'lost')");
    serve_until(kAllDone);
    EXPECT_EQ(verdicts("r1"), "sandbox_error");
    EXPECT_EQ(runs_["r1"], 0);
}

TEST_F(GenesisPg, what_a_job_writes_is_shown_while_it_runs) {
    bool is_seen = false;
    runner_.run = [&](const JobRequest& request, ShowOutput show) -> awaitable<JobResult> {
        co_await show(sandbox::Stream::out, "half ");
        co_await show(sandbox::Stream::err, "oops");
        co_await show(sandbox::Stream::out, "way");
        while (!is_seen) co_await pause(5ms);
        co_return ok(request);
    };
    ask({job("r1")});
    serve_while([&](Service&) -> awaitable<void> {
        co_await until("(select count(*) from public.job_output) = 3");
        is_seen = true;
        co_await until(kAllDone);
    });
    EXPECT_EQ(value("select string_agg(concat_ws(':', stream, at_byte, convert_from(bytes, 'UTF8')), ' ' "
                    "order by number)"
                    " from api.job_output('r1', 0, 100)"),
              "stdout:0:half  stderr:0:oops stdout:5:way");
}

TEST_F(GenesisPg, jobs_that_are_more_urgent_are_next) {
    bounds_.boxes = 1;
    std::vector<std::string> order;
    runner_.run = [&](const JobRequest& request, ShowOutput) -> awaitable<JobResult> {
        order.push_back(request.request_id);
        co_return ok(request);
    };
    JobRequest low = job("low"), high = job("high");
    low.priority = -5;
    high.priority = 5;
    ask({low, job("usual"), high});
    serve_until("(select count(*) from public.jobs where finished_at is not null) = 3");
    EXPECT_THAT(order, ::testing::ElementsAre("high", "usual", "low"));
}

TEST_F(GenesisPg, identical_jobs_share_a_run_when_asked_to) {
    bool ends = false;
    runner_.run = [&](const JobRequest& request, ShowOutput) -> awaitable<JobResult> {
        ++runs_["any"];
        while (!ends) co_await pause(5ms);
        co_return ok(request);
    };
    JobRequest first = job("first", "same"), second = job("second", "same"), other = job("other", "same");
    first.share_identical = second.share_identical = true;
    ask({first, second, other});
    serve_while([&](Service&) -> awaitable<void> {
        co_await until("(select count(*) from public.runs) = 3");
        while (runs_["any"] < 2) co_await pause(5ms);
        ends = true;
        co_await until("(select count(*) from public.jobs where finished_at is not null) = 3");
    });
    EXPECT_EQ(runs_["any"], 2);
    EXPECT_EQ(verdicts("first") + verdicts("second") + verdicts("other"), "okokok");
    EXPECT_THAT(value("select string_agg(shared_with, ' ') from public.jobs"),
                testing::AnyOf("first", "second"));
    EXPECT_EQ(value("select sum(cpu_ms) from public.agent_usage"), "10");
}

}  // namespace
}  // namespace singularity::services::genesis
