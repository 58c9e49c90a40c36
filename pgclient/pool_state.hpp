// The I/O of a pool: its connections, and the callers who wait for one. Shared by the pool, its leases
// and what runs in the background, so that each may be the last to go.
#pragma once

#include "pgclient/pool.hpp"
#include "pgclient/pool_fsm.hpp"

#include <boost/asio/steady_timer.hpp>

#include <map>
#include <random>

namespace singularity::pgclient {

class PoolState : public std::enable_shared_from_this<PoolState> {
public:
    PoolState(boost::asio::any_io_executor executor, PoolOptions options);

    static Task<Lease> acquire(std::shared_ptr<PoolState> self);
    void give_back(PoolSlot slot);
    void close();
    PoolStatus status() const;

private:
    class Waiter;

    std::optional<PoolSlot> take_idle();
    Lease lease(PoolSlot slot);
    void perform(const PoolActions& actions);
    void grant(PoolTicket ticket, PoolSlot slot);
    void rest(std::chrono::milliseconds delay);
    // In the background; they keep the pool's state alive.
    static Task<void> connect(std::shared_ptr<PoolState> self, PoolSlot slot);
    static Task<void> clean(std::shared_ptr<PoolState> self, PoolSlot slot);
    void log_failure() const;
    DbError full() const;
    DbError not_served(bool cancelled) const;

    static std::chrono::steady_clock::time_point now() { return std::chrono::steady_clock::now(); }

    boost::asio::any_io_executor executor_;
    PoolOptions options_;
    PoolFsm fsm_;
    std::vector<std::unique_ptr<Connection>> connections_;  // by slot
    std::map<PoolTicket, Waiter*> waiters_;
    PoolTicket last_ticket_ = 0;
    boost::asio::steady_timer rest_timer_;
    std::mt19937_64 random_;
    std::string last_error_;
    bool closed_ = false;
};

}  // namespace singularity::pgclient
