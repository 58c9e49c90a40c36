// An end to waiting for what needs no time.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/multiple_exceptions.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <exception>
#include <optional>
#include <string>

#include "core/awaitable_operators.hpp"
#include "sandbox/box.hpp"

namespace singularity::sandbox {

// The work's result or its exception; SandboxError(`complaint`) where it takes longer. Cancelled as one.
template <typename Result>
boost::asio::awaitable<Result> within(std::chrono::milliseconds limit, std::string complaint,
                                      boost::asio::awaitable<Result> work) {
    using namespace core::awaitable_operators;
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, limit);
    std::optional<Result> result;
    std::exception_ptr error;
    // Without an exception of its own: the operator would go on waiting for the other.
    const auto watched = [&]() -> boost::asio::awaitable<void> {
        try {
            result.emplace(co_await std::move(work));
        } catch (const boost::asio::multiple_exceptions& parts) {
            error = parts.first_exception();
        } catch (...) {
            error = std::current_exception();
        }
    };
    const auto first = co_await (watched() || timer.async_wait(boost::asio::use_awaitable));
    if (first.index() == 1) throw SandboxError(complaint);
    if (error) std::rethrow_exception(error);
    co_return std::move(*result);
}

}  // namespace singularity::sandbox
