// What an agent may have: jobs at a time, CPU time in an hour.
#include <boost/asio.hpp>

#include "genesis_fixture.hpp"

namespace singularity::services::genesis {
namespace {

using namespace std::chrono_literals;
using messages::JobRequest;
using messages::JobResult;

JobRequest of_agent(JobRequest request, std::string agent) {
    request.agent_id = std::move(agent);
    return request;
}

TEST_F(GenesisPg, an_agent_has_no_more_jobs_running_than_it_may_and_others_go_on) {
    schema::test::Database("shared_queue", "centralcloud")
        .script("select public.set_group_bound('job_requests', 2); select public.ensure_queues()");
    bool ends = false;
    runner_.run = [&](const JobRequest& request, ShowOutput) -> awaitable<JobResult> {
        ++runs_[request.agent_id.value_or("")];
        while (!ends) co_await pause(5ms);
        co_return ok(request);
    };
    ask({of_agent(job("g1"), "greedy"), of_agent(job("g2"), "greedy"), of_agent(job("g3"), "greedy"),
         of_agent(job("m1"), "modest")});
    serve_while([&](Service&) -> awaitable<void> {
        co_await until("(select count(*) from public.jobs where state = 'running') = 3");
        while (runs_["greedy"] + runs_["modest"] < 3) co_await pause(5ms);  // said to run, and not yet begun
        EXPECT_EQ(runs_["greedy"], 2);
        EXPECT_EQ(runs_["modest"], 1);
        ends = true;
        co_await until("(select count(*) from public.jobs where finished_at is not null) = 4");
    });
    EXPECT_EQ(runs_["greedy"], 3);
}

TEST_F(GenesisPg, an_agent_whose_hour_is_used_up_is_refused_until_it_is_over) {
    config_.genesis_cpu_seconds_per_agent_hour = 2;
    own_.script(
        "insert into public.agent_usage values"
        " ('singularity/greedy', date_trunc('minute', now() - interval '10 minutes'), 1, 2500),"
        " ('singularity/patient', date_trunc('minute', now() - interval '2 hours'), 1, 2500)");
    ask({of_agent(job("g1"), "greedy"), of_agent(job("p1"), "patient")});
    serve_until("(select count(*) from public.jobs where finished_at is not null) = 2");
    EXPECT_EQ(verdicts("g1"), "refused");
    EXPECT_EQ(verdicts("p1"), "ok");
    EXPECT_EQ(value("select result #>> '{error,code}' from public.jobs where request_id = 'g1'"),
              "quota_exceeded");
}

TEST_F(GenesisPg, boxes_take_no_more_memory_than_there_is) {
    bounds_.memory_mb = 128;
    std::size_t running = 0, most = 0;
    runner_.run = [&](const JobRequest& request, ShowOutput) -> awaitable<JobResult> {
        most = std::max(most, ++running);
        co_await pause(20ms);
        --running;
        co_return ok(request);
    };
    ask({job("r1"), job("r2"), job("r3"), job("r4"), job("r5")});
    serve_until("(select count(*) from public.jobs where finished_at is not null) = 5");
    EXPECT_EQ(most, 2U);
}

}  // namespace
}  // namespace singularity::services::genesis
