#include "services/centralcloud/shared_queue_manager.hpp"

#include <boost/asio.hpp>

namespace singularity::services::centralcloud {

namespace asio = boost::asio;

namespace {

constexpr pgclient::Query kEnsureQueues{"shared_queue_manager.ensure", "select public.ensure_queues()"};

}  // namespace

asio::awaitable<void> ensure_queues(Service& service, pgclient::Pool& shared) {
    co_await service.attempt("shared_queue", [&]() -> asio::awaitable<void> {
        const auto lease = co_await shared.acquire();
        co_await lease->exec(kEnsureQueues);
    });
}

}  // namespace singularity::services::centralcloud
