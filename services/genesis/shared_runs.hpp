// Identical jobs that agreed to share a run: the first runs, those that come meanwhile wait for its result.
// Not thread-safe: one executor.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "messages/job_result.hpp"
#include "services/genesis/job_identity.hpp"

namespace singularity::services::genesis {

class SharedRuns {
public:
    explicit SharedRuns(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}
    SharedRuns(const SharedRuns&) = delete;

    // The run of one job, from its beginning on, for as long as it lives. Those who wait are told at its end.
    class Run {
    public:
        Run(SharedRuns& all, JobIdentity identity);
        ~Run();
        Run(const Run&) = delete;
        Run& operator=(const Run&) = delete;

        // What the others have, too, with the id of the job that was run. Without it they run by themselves.
        void has(messages::JobResult result, const std::string& request_id);

    private:
        friend class SharedRuns;
        SharedRuns& all_;
        JobIdentity identity_;
    };

    bool is_run(const JobIdentity& identity) const { return flights_.contains(identity); }

    // The result of the run that is_run(); none where it has none to share.
    boost::asio::awaitable<std::optional<messages::JobResult>> wait(JobIdentity identity);

private:
    struct Flight {
        boost::asio::steady_timer over;
        std::optional<messages::JobResult> result = {};
    };

    boost::asio::any_io_executor executor_;
    std::map<JobIdentity, std::shared_ptr<Flight>> flights_;
};

}  // namespace singularity::services::genesis
