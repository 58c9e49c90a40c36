#include "services/runtime/run_all.hpp"

#include <boost/asio.hpp>
#include <boost/asio/experimental/parallel_group.hpp>

namespace singularity::services {

namespace asio = boost::asio;

asio::awaitable<void> run_all(std::vector<asio::awaitable<void>> coroutines) {
    const auto executor = co_await asio::this_coro::executor;
    using Operation = decltype(asio::co_spawn(executor, std::move(coroutines.front()), asio::deferred));
    std::vector<Operation> operations;
    operations.reserve(coroutines.size());
    for (auto& coroutine : coroutines) {
        operations.push_back(asio::co_spawn(executor, std::move(coroutine), asio::deferred));
    }
    const auto [order, ends] = co_await asio::experimental::make_parallel_group(std::move(operations))
                                   .async_wait(asio::experimental::wait_for_one_error(), asio::use_awaitable);
    for (const std::size_t index : order) {
        if (ends[index]) std::rethrow_exception(ends[index]);
    }
}

}  // namespace singularity::services
