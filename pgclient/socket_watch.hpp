// Waiting for libpq's sockets on an Asio executor, until a deadline.
//
// libpq owns and closes its socket, and may replace it while it connects; Asio closes what it watches.
// So Asio watches a duplicate, made anew whenever libpq's may have changed.
#pragma once

#include "pgclient/exec_fsm.hpp"
#include "pgclient/query.hpp"
#include "pgclient/watchdog.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <chrono>
#include <optional>
#include <tuple>

namespace singularity::pgclient {

class SocketWatch {
public:
    using Descriptor = boost::asio::posix::stream_descriptor;

    explicit SocketWatch(boost::asio::any_io_executor executor);

    // Watches a duplicate of `socket`, which stays libpq's. Throws DbError (too many open files).
    void watch(int socket);
    void unwatch() { descriptor_.reset(); }

    // From now until end(), waits return Wake::expired once `limit` has passed.
    void begin(std::chrono::milliseconds limit);
    void end();
    void rest() { watchdog_.rest(); }

    // The caller's coroutine must have throw_if_cancelled(false), or is torn out of the wait.
    Task<Wake> readable() { return wait(Descriptor::wait_read); }
    Task<Wake> writable() { return wait(Descriptor::wait_write); }
    Task<Wake> readable_or_writable();

    // readable() without a coroutine of its own, for the one wait that every statement has:
    //     watch.expired() ? Wake::expired : watch.explain(co_await watch.async_readable())
    bool expired() const { return expired_; }
    auto async_readable() {
        return descriptor_->async_wait(Descriptor::wait_read, boost::asio::as_tuple(boost::asio::deferred));
    }
    Wake explain(std::tuple<boost::system::error_code> waited) const;

    const boost::asio::any_io_executor& executor() const { return executor_; }

private:
    Task<Wake> wait(Descriptor::wait_type what);

    boost::asio::any_io_executor executor_;
    std::optional<Descriptor> descriptor_;
    bool expired_ = false;
    Watchdog watchdog_;
};

}  // namespace singularity::pgclient
