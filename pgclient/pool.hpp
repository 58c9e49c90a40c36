// A bounded set of connections, made when they are needed and kept for the next caller.
//
//     Pool pool(co_await asio::this_coro::executor, {.connect = {.dsn = dsn}});
//     auto lease = co_await pool.acquire();
//     auto agent = co_await lease->one<Agent>(kAgentById, id);
//
// Callers beyond `size` wait in order of arrival, at most `max_waiting` of them: one more is refused at
// once. While the server can't be reached, attempts follow each other with full-jitter backoff as long as
// somebody waits; a caller that waited `acquire_timeout` gets DbError with the last attempt's message.
// docs/pgclient.md draws the states; pool_fsm.hpp decides, without I/O.
//
// Not thread-safe: the executor must run one handler at a time. Nothing of a pool at rest keeps an
// io_context running.
#pragma once

#include "algo/backoff.hpp"
#include "pgclient/connection.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <memory>

namespace singularity::pgclient {

struct PoolOptions {
    ConnectOptions connect = {};
    std::size_t size = 4;           // connections, at most
    std::size_t max_waiting = 200;  // callers in the queue, at most
    std::chrono::milliseconds acquire_timeout{5'000};
    std::chrono::milliseconds max_idle{10 * 60'000};      // an idle connection older than this is replaced
    std::chrono::milliseconds max_lifetime{60 * 60'000};  // as is one opened longer ago than this
    algo::BackoffPolicy backoff{std::chrono::milliseconds{50}, std::chrono::milliseconds{5'000}};
};

class PoolState;

// The right to use one connection. Its destructor gives it back without waiting: a connection that is
// dirty() is rolled back and reset in the background before anyone else gets it, a lost one is replaced.
class [[nodiscard]] Lease {
public:
    Lease(Lease&& other) noexcept;
    Lease& operator=(Lease&& other) noexcept;
    ~Lease();

    Connection& operator*() const { return *connection_; }
    Connection* operator->() const { return connection_; }

private:
    friend class PoolState;
    Lease(std::shared_ptr<PoolState> pool, std::size_t slot, Connection& connection);

    std::shared_ptr<PoolState> pool_;
    std::size_t slot_ = 0;
    Connection* connection_ = nullptr;
};

struct PoolStatus {
    std::size_t idle = 0;
    std::size_t leased = 0;
    std::size_t connecting = 0;
    std::size_t cleaning = 0;
    std::size_t waiting = 0;
    unsigned failures = 0;        // connection attempts failed since the last success
    std::string last_error = {};  // of the last failed attempt; empty after a success
};

class Pool {
public:
    Pool(boost::asio::any_io_executor executor, PoolOptions options);
    ~Pool();  // refuses who waits; leases still out stay usable, their connections close on return
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    // Throws DbError: 53300 at once if the queue is full, 57P03 after acquire_timeout, 57014 on cancellation.
    Task<Lease> acquire();

    PoolStatus status() const;

private:
    std::shared_ptr<PoolState> state_;
};

}  // namespace singularity::pgclient
