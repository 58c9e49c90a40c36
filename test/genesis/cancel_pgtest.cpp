// Jobs that nobody wants any more: running, waiting, not there yet, over.
#include <boost/asio.hpp>

#include "genesis_fixture.hpp"

namespace singularity::services::genesis {
namespace {

using namespace std::chrono_literals;
using messages::JobRequest;
using messages::JobResult;

constexpr char kAllDone[] =
    "exists (select from public.jobs) and not exists (select from public.jobs where finished_at is null)";

class CancelPg : public GenesisPg {
protected:
    CancelPg() {
        runner_.run = [this](const JobRequest& request, ShowOutput) -> awaitable<JobResult> {
            ++runs_[request.request_id];
            co_await pause(1h);
            co_return ok(request);
        };
    }

    std::string cancel(const std::string& id) {
        return schema::test::Database("genesis", "nexus").value("select api.cancel_job('" + id + "')");
    }
};

TEST_F(CancelPg, a_running_job_ends_cancelled) {
    ask({job("r1")});
    serve_while([&](Service&) -> awaitable<void> {
        co_await until("exists (select from public.jobs where state = 'running')");
        EXPECT_EQ(cancel("r1"), "cancelling");
        co_await until(kAllDone);
    });
    EXPECT_EQ(verdicts("r1"), "cancelled");
    EXPECT_EQ(value("select state from public.jobs"), "cancelled");
    EXPECT_EQ(value("select count(*) from public.job_cancellations where settled_at is null"), "0");
    EXPECT_EQ(cancel("r1"), "ended");
}

TEST_F(CancelPg, a_job_that_waits_for_its_turn_is_answered_without_a_run) {
    bounds_.boxes = 1;
    ask({job("first"), job("second")});
    serve_while([&](Service&) -> awaitable<void> {
        co_await until("exists (select from public.jobs where state = 'running')");
        cancel("second");
        co_await until(
            "exists (select from public.jobs where request_id = 'second' and state = 'cancelled')");
        cancel("first");
        co_await until(kAllDone);
    });
    EXPECT_EQ(verdicts("second"), "cancelled");
    EXPECT_EQ(runs_["second"], 0);
    EXPECT_EQ(schema::test::Database("shared_queue", "centralcloud")
                  .value("select count(*) from pgmq.q_job_requests where message ->> 'id' = 'second'"),
              "0");
}

TEST_F(CancelPg, a_job_that_waits_for_room_is_answered_without_a_run) {
    bounds_.memory_mb = 64;
    ask({job("first")});
    serve_while([&](Service&) -> awaitable<void> {
        while (runs_["first"] == 0) co_await pause(5ms);
        ask({job("second")});
        co_await until("(select count(*) from public.runs) = 2");
        cancel("second");
        co_await until(
            "exists (select from public.jobs where request_id = 'second' and state = 'cancelled')");
        cancel("first");
        co_await until(kAllDone);
    });
    EXPECT_EQ(verdicts("first") + verdicts("second"), "cancelledcancelled");
    EXPECT_EQ(runs_["second"], 0);
}

TEST_F(CancelPg, a_job_that_is_cancelled_before_it_comes_is_not_run) {
    cancel("r1");
    ask({job("r1")});
    serve_until(kAllDone);
    EXPECT_EQ(verdicts("r1"), "cancelled");
    EXPECT_EQ(runs_["r1"], 0);
}

TEST_F(CancelPg, who_shares_a_cancelled_run_is_run_himself) {
    JobRequest first = job("first", "same"), second = job("second", "same");
    first.share_identical = second.share_identical = true;
    ask({first, second});
    serve_while([&](Service&) -> awaitable<void> {
        co_await until("(select count(*) from public.runs) = 2");
        while (runs_["first"] == 0) co_await pause(5ms);
        cancel("first");
        while (runs_["second"] == 0) co_await pause(5ms);
        cancel("second");
        co_await until(kAllDone);
    });
    EXPECT_EQ(verdicts("first") + verdicts("second"), "cancelledcancelled");
}

TEST_F(CancelPg, a_result_that_came_first_stays) {
    runner_.run = [](const JobRequest& request, ShowOutput) -> awaitable<JobResult> {
        co_return ok(request);
    };
    ask({job("r1")});
    serve_until(kAllDone);
    EXPECT_EQ(cancel("r1"), "ended");
    EXPECT_EQ(verdicts("r1"), "ok");
}

}  // namespace
}  // namespace singularity::services::genesis
