#include "services/genesis/running_jobs.hpp"

#include <boost/asio.hpp>

namespace singularity::services::genesis {

namespace asio = boost::asio;

bool RunningJobs::cancel(const std::string& request_id) {
    const auto found = jobs_.find(request_id);
    if (found == jobs_.end()) return false;
    found->second->cancelled_ = true;
    found->second->bell_.cancel();
    return true;
}

// A message that was sent twice may be handled twice at a time: the first one is the one to find.
RunningJobs::Job::Job(RunningJobs& all, const asio::any_io_executor& executor, std::string request_id)
    : all_(all), request_id_(std::move(request_id)), bell_(executor, asio::steady_timer::time_point::max()) {
    all_.jobs_.try_emplace(request_id_, this);
}

RunningJobs::Job::~Job() {
    const auto found = all_.jobs_.find(request_id_);
    if (found != all_.jobs_.end() && found->second == this) all_.jobs_.erase(found);
}

asio::awaitable<void> RunningJobs::Job::until_cancelled() {
    if (!cancelled_) co_await bell_.async_wait(asio::as_tuple);
}

}  // namespace singularity::services::genesis
