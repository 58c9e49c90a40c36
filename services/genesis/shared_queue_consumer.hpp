// SharedQueueConsumer: takes what is to be run from job_requests, has it run, and answers in job_results.
//
// Each job gets exactly one answer, whatever dies: it is a row of the inbox, with which the job ends, and the
// message in the outbox, in one transaction; and a result that could not be committed is kept until it can.
// While no box can be made, jobs wait. docs/genesis.md draws how a job travels.
#pragma once

#include <memory>
#include <string>

#include "core/job_bounds.hpp"
#include "services/genesis/admission.hpp"
#include "services/genesis/job_store.hpp"
#include "services/genesis/live_output.hpp"
#include "services/genesis/runner.hpp"
#include "services/genesis/running_jobs.hpp"
#include "services/genesis/shared_runs.hpp"
#include "services/runtime/consumer.hpp"

namespace singularity::services::genesis {

class SharedQueueConsumer {
public:
    // All outlive the consumer.
    SharedQueueConsumer(Service& service, Bus bus, Runner runner, core::JobBounds bounds);

    // Until cancelled.
    boost::asio::awaitable<void> run();

    // Defaults of what queues.job_requests may say.
    static ConsumerOptions options(const core::Config& config, const core::JobBounds& bounds);

private:
    struct Attempt;

    // shared_queue_consumer.cpp: from a message to its answer
    pgclient::Task<Outcome> handle(const messages::JobRequest& request, Delivery& delivery);
    std::optional<messages::JobResult> answer_at_once(const messages::JobRequest& request,
                                                      const Begun& begun) const;
    boost::asio::awaitable<void> run_unless_cancelled(Attempt& attempt);
    boost::asio::awaitable<messages::JobResult> answer_of(Attempt& attempt, const Claim& claim);
    static std::string reason_of(const Attempt& attempt);

    // job_attempt.cpp: from an attempt to a result
    boost::asio::awaitable<void> make(Attempt& attempt);
    boost::asio::awaitable<messages::JobResult> share_or_run(Attempt& attempt);
    boost::asio::awaitable<messages::JobResult> run_in_box(Attempt& attempt);
    boost::asio::awaitable<messages::JobResult> run_once(Attempt& attempt);
    boost::asio::awaitable<bool> sandbox_is_away();
    boost::asio::awaitable<void> until_sandbox_is_there();

    // job_upkeep.cpp: beside the jobs
    boost::asio::awaitable<void> hear_cancellations();
    boost::asio::awaitable<void> cancel(std::string request_id);
    boost::asio::awaitable<void> take_over();
    boost::asio::awaitable<void> keep_house();
    boost::asio::awaitable<void> look_after();
    boost::asio::awaitable<void> return_runs();

    Service& service_;
    Bus bus_;
    Runner runner_;
    JobStore store_;
    Admission admission_;
    RunningJobs running_;
    SharedRuns shared_;
    int max_attempts_;
    std::int64_t cpu_ms_per_hour_;
    Consumer consumer_;
    std::unique_ptr<pgclient::Connection> alive_;  // holds the lock that says that this process lives
    std::chrono::steady_clock::time_point pruned_{};
};

}  // namespace singularity::services::genesis
