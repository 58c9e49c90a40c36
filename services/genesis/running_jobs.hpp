// The jobs that this process is at, by their ids: what a cancellation finds.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <map>
#include <string>

namespace singularity::services::genesis {

class RunningJobs {
public:
    class Job;

    // False where this process is not at it.
    bool cancel(const std::string& request_id);

    std::size_t size() const { return jobs_.size(); }

private:
    std::map<std::string, Job*> jobs_;
};

// Among them for as long as it lives.
class RunningJobs::Job {
public:
    Job(RunningJobs& all, const boost::asio::any_io_executor& executor, std::string request_id);
    ~Job();
    Job(const Job&) = delete;
    Job& operator=(const Job&) = delete;

    bool cancelled() const { return cancelled_; }
    // Returns once it is.
    boost::asio::awaitable<void> until_cancelled();

private:
    friend class RunningJobs;

    RunningJobs& all_;
    std::string request_id_;
    boost::asio::steady_timer bell_;
    bool cancelled_ = false;
};

}  // namespace singularity::services::genesis
