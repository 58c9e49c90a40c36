#include "pgclient/socket_watch.hpp"

#include "pgclient/error.hpp"

#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace singularity::pgclient {

namespace asio = boost::asio;

namespace {

// Far enough for "no limit", and the clock can still add it.
constexpr std::chrono::milliseconds kLongest = std::chrono::years{1};

}  // namespace

SocketWatch::SocketWatch(asio::any_io_executor executor)
    : executor_(std::move(executor)), watchdog_(executor_, [this] {
          expired_ = true;
          if (descriptor_) descriptor_->cancel();
      }) {}

void SocketWatch::watch(int socket) {
    const int copy = ::fcntl(socket, F_DUPFD_CLOEXEC, 0);
    if (copy < 0) {
        throw DbError({.cause = Cause::connection,
                       .sqlstate = std::string(kConnectFailed),
                       .message = "can't watch the socket: " + std::generic_category().message(errno),
                       .connection_lost = true});
    }
    descriptor_.emplace(executor_, copy);
}

void SocketWatch::begin(std::chrono::milliseconds limit) {
    expired_ = false;
    watchdog_.arm(Watchdog::Clock::now() + std::min(limit, kLongest));
}

void SocketWatch::end() {
    expired_ = false;
    watchdog_.disarm();
}

Task<Wake> SocketWatch::wait(Descriptor::wait_type what) {
    if (expired_) co_return Wake::expired;
    co_return explain(co_await descriptor_->async_wait(what, asio::as_tuple(asio::deferred)));
}

Task<Wake> SocketWatch::readable_or_writable() {
    if (expired_) co_return Wake::expired;
    const auto [order, read_error, write_error] =
        co_await asio::experimental::make_parallel_group(
            descriptor_->async_wait(Descriptor::wait_read, asio::deferred),
            descriptor_->async_wait(Descriptor::wait_write, asio::deferred))
            .async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
    co_return explain(order[0] == 0 ? read_error : write_error);
}

Wake SocketWatch::explain(std::tuple<boost::system::error_code> waited) const {
    const auto& [error] = waited;
    if (!error) return Wake::ready;
    if (expired_) return Wake::expired;
    // Anything but a cancellation is for libpq to find and to describe.
    return error == asio::error::operation_aborted ? Wake::cancelled : Wake::ready;
}

}  // namespace singularity::pgclient
