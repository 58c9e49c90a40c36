#include "pgclient/pool_state.hpp"

#include "core/format.hpp"
#include "core/log.hpp"
#include "pgclient/session.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>

namespace singularity::pgclient {

namespace asio = boost::asio;

namespace {

// For the rollback and the reset of a connection that came back dirty.
constexpr std::chrono::seconds kCleanDeadline{5};

PoolLimits limits_of(const PoolOptions& options) {
    return {options.size, options.max_waiting, options.max_idle, options.max_lifetime, options.backoff};
}

}  // namespace

// A caller in the queue. Whatever ends its coroutine, its place and what it was given go back.
class PoolState::Waiter {
public:
    Waiter(PoolState& pool, PoolTicket ticket)
        : pool_(pool), ticket_(ticket), served_(pool.executor_, pool.options_.acquire_timeout) {
        pool_.waiters_[ticket_] = this;
    }
    // Throws, and so ends the program, for want of memory alone. NOLINTNEXTLINE(bugprone-exception-escape)
    ~Waiter() {
        pool_.waiters_.erase(ticket_);
        if (slot_) pool_.give_back(*slot_);
        else pool_.perform(pool_.fsm_.withdraw(ticket_));
    }
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;

    // Returns whether the wait ended before its time.
    Task<bool> wait() {
        if (slot_ || pool_.closed_) co_return true;
        const auto [error] = co_await served_.async_wait(asio::as_tuple(asio::deferred));
        co_return error.failed();
    }
    void serve(PoolSlot slot) {
        slot_ = slot;
        served_.cancel();
    }
    void turn_away() { served_.cancel(); }
    std::optional<PoolSlot> take() { return std::exchange(slot_, std::nullopt); }

private:
    PoolState& pool_;
    PoolTicket ticket_;
    asio::steady_timer served_;
    std::optional<PoolSlot> slot_;
};

PoolState::PoolState(asio::any_io_executor executor, PoolOptions options)
    : executor_(std::move(executor)),
      options_(std::move(options)),
      fsm_(limits_of(options_)),
      connections_(options_.size),
      rest_timer_(executor_),
      random_(std::random_device{}()) {}

Task<Lease> PoolState::acquire(std::shared_ptr<PoolState> self) {
    PoolState& pool = *self;
    if (const auto slot = pool.take_idle()) co_return pool.lease(*slot);
    if (!pool.closed_ && !pool.fsm_.has_room()) throw pool.full();
    const PoolTicket ticket = ++pool.last_ticket_;
    Waiter waiter(pool, ticket);
    if (!pool.closed_) pool.perform(pool.fsm_.request(ticket, now()));
    const bool early = co_await waiter.wait();
    if (const auto slot = waiter.take()) co_return pool.lease(*slot);
    throw pool.not_served(early && !pool.closed_);
}

std::optional<PoolSlot> PoolState::take_idle() {
    if (fsm_.waiting() > 0) return std::nullopt;
    PoolActions actions;
    std::optional<PoolSlot> slot;
    while ((slot = fsm_.take_idle(now(), actions))) {
        if (!connections_[*slot]->session_->closed_by_server()) break;
        connections_[*slot].reset();
        fsm_.found_closed(*slot);
    }
    perform(actions);
    return slot;
}

Lease PoolState::lease(PoolSlot slot) {
    return {shared_from_this(), slot, *connections_[slot]};
}

void PoolState::give_back(PoolSlot slot) {
    const Connection& connection = *connections_[slot];
    const auto condition = !connection.usable() ? Condition::lost
                           : connection.dirty() ? Condition::dirty
                                                : Condition::clean;
    connection.session_->rest();
    perform(fsm_.returned(slot, condition, now()));
}

void PoolState::close() {
    closed_ = true;
    perform(fsm_.close());
    for (const auto& [ticket, waiter] : waiters_) waiter->turn_away();
}

PoolStatus PoolState::status() const {
    return {.idle = fsm_.count(SlotState::idle),
            .leased = fsm_.count(SlotState::leased),
            .connecting = fsm_.count(SlotState::connecting),
            .cleaning = fsm_.count(SlotState::cleaning),
            .waiting = fsm_.waiting(),
            .failures = fsm_.failures(),
            .last_error = last_error_};
}

void PoolState::perform(const PoolActions& actions) {
    for (const PoolAction& action : actions) {
        switch (action.verb) {
            case PoolVerb::connect:
                asio::co_spawn(executor_, connect(shared_from_this(), action.slot), asio::detached);
                break;
            case PoolVerb::clean:
                asio::co_spawn(executor_, clean(shared_from_this(), action.slot), asio::detached);
                break;
            case PoolVerb::grant: waiters_.at(action.ticket)->serve(action.slot); break;
            case PoolVerb::close: connections_[action.slot].reset(); break;
            case PoolVerb::rest: rest(action.delay); break;
            case PoolVerb::stop_rest: rest_timer_.cancel(); break;
        }
    }
}

void PoolState::rest(std::chrono::milliseconds delay) {
    rest_timer_.expires_after(delay);
    rest_timer_.async_wait([weak = weak_from_this()](boost::system::error_code error) {
        const auto self = weak.lock();
        if (!error && self) self->perform(self->fsm_.woke(now()));
    });
}

Task<void> PoolState::connect(std::shared_ptr<PoolState> self, PoolSlot slot) {
    auto& connection = self->connections_[slot];
    std::string failure;
    try {
        connection = co_await Connection::open(self->options_.connect);
    } catch (const std::exception& error) {
        failure = error.what();
    }
    self->last_error_ = failure;
    if (connection) {
        self->perform(self->fsm_.connected(slot, now(), self->random_()));
    } else {
        self->perform(self->fsm_.connect_failed(slot, now(), self->random_()));
        self->log_failure();
    }
}

Task<void> PoolState::clean(std::shared_ptr<PoolState> self, PoolSlot slot) {
    Connection& connection = *self->connections_[slot];
    bool ok = true;
    try {
        co_await connection.within(kCleanDeadline).clean();
        connection.session_->rest();
    } catch (const std::exception& error) {
        core::log::warn("pgclient.clean_failed", {{"error", error.what()}});
        ok = false;
    }
    self->perform(self->fsm_.cleaned(slot, ok, now()));
}

void PoolState::log_failure() const {
    core::log::warn("pgclient.connect_failed", {{"application", options_.connect.application_name},
                                                {"failures", fsm_.failures()},
                                                {"error", last_error_}});
}

DbError PoolState::full() const {
    return DbError({.cause = Cause::pool,
                    .sqlstate = std::string(kPoolFull),
                    .message = core::format("all {} connections are in use and {} callers wait already",
                                            options_.size, fsm_.waiting())});
}

DbError PoolState::not_served(bool cancelled) const {
    if (cancelled) {
        return DbError({.cause = Cause::cancelled,
                        .sqlstate = std::string(kQueryCanceled),
                        .message = "cancelled while waiting for a connection"});
    }
    std::string why = closed_ ? "the pool is closed"
                              : core::format("no connection within {} ms", options_.acquire_timeout.count());
    if (!closed_ && !last_error_.empty()) why += ": " + last_error_;
    return DbError({.cause = Cause::pool, .sqlstate = std::string(kNoConnection), .message = std::move(why)});
}

}  // namespace singularity::pgclient
