#include "services/runtime/await_queues.hpp"

#include <boost/asio.hpp>

#include "core/log.hpp"
#include "pgclient/error.hpp"

namespace singularity::services {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds kBetweenLooks{50};

constexpr pgclient::Query kMissing{"await_queues.missing",
                                   "select count(*) from unnest($1::text[]) as q where "
                                   "to_regclass(format('pgmq.%I', 'q_' || lower(q))) is null"};

asio::awaitable<bool> are_there(pgclient::Pool& bus, const std::vector<std::string>& queues) {
    const auto session = co_await bus.acquire();
    co_return co_await session->one<std::int64_t>(kMissing, queues) == 0;
}

}  // namespace

asio::awaitable<void> await_queues(pgclient::Pool& bus, std::vector<std::string> queues,
                                   std::chrono::milliseconds at_most) {
    const auto deadline = std::chrono::steady_clock::now() + at_most;
    asio::steady_timer pause(co_await asio::this_coro::executor);
    try {
        while (!co_await are_there(bus, queues) && std::chrono::steady_clock::now() < deadline) {
            pause.expires_after(kBetweenLooks);
            co_await pause.async_wait(asio::use_awaitable);
        }
    } catch (const pgclient::DbError& error) {
        if (error.cause() == pgclient::Cause::cancelled) throw;
        core::log::warn("shared_queue.not_asked", {{"reason", error.what()}});
    }
}

}  // namespace singularity::services
