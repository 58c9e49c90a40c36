#include "services/genesis/shared_runs.hpp"

#include <boost/asio.hpp>

namespace singularity::services::genesis {

namespace asio = boost::asio;

SharedRuns::Run::Run(SharedRuns& all, JobIdentity identity) : all_(all), identity_(std::move(identity)) {
    all_.flights_.emplace(identity_, std::make_shared<Flight>(asio::steady_timer(
                                         all_.executor_, asio::steady_timer::time_point::max())));
}

SharedRuns::Run::~Run() {
    const auto flight = all_.flights_.extract(identity_).mapped();
    flight->over.cancel();
}

void SharedRuns::Run::has(messages::JobResult result, const std::string& request_id) {
    result.request_id = request_id;
    all_.flights_.at(identity_)->result = std::move(result);
}

asio::awaitable<std::optional<messages::JobResult>> SharedRuns::wait(JobIdentity identity) {
    const auto flight = flights_.at(identity);
    co_await flight->over.async_wait(asio::as_tuple);
    co_return flight->result;
}

}  // namespace singularity::services::genesis
