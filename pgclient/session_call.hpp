// A call's claim on its session: one at a time, with a deadline, and with an orderly end.
#pragma once

#include "pgclient/server_error.hpp"
#include "pgclient/session.hpp"

#include <boost/asio/this_coro.hpp>

#include <exception>
#include <type_traits>

namespace singularity::pgclient {

class Session::Call {
public:
    Call(Session& session, Query query, std::chrono::milliseconds limit) : session_(session) {
        if (session.busy_) {
            throw DbError({.cause = Cause::misuse,
                           .sqlstate = std::string(kMisuse),
                           .message = "the connection is busy with another call",
                           .query = std::string(query.name)});
        }
        if (!session.usable()) throw connection_error(query, "the connection was lost earlier");
        session.busy_ = true;
        session.limit_ = limit;
        session.stopped_ = Wake::ready;
    }
    ~Call() {
        if (session_.busy_) session_.close();
        session_.busy_ = false;
    }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

    // The deadline counts from here.
    void begin() { session_.watch_.begin(session_.limit_); }
    // The protocol is idle again, or the connection closed.
    void finish() {
        session_.watch_.end();
        session_.busy_ = false;
    }

private:
    Session& session_;
};

// Runs `work` as one call, so that the caller's cancellation reaches its waits and nothing else.
template <class T>
Task<T> Session::call(Query query, std::chrono::milliseconds limit, Task<T> work) {
    namespace this_coro = boost::asio::this_coro;
    Call claim(*this, query, limit);
    claim.begin();
    const bool throws = co_await this_coro::throw_if_cancelled();
    co_await this_coro::throw_if_cancelled(false);
    std::exception_ptr failure;
    try {
        if constexpr (std::is_void_v<T>) {
            co_await std::move(work);
            claim.finish();
            co_await this_coro::throw_if_cancelled(throws);
            co_return;
        } else {
            T result = co_await std::move(work);
            claim.finish();
            co_await this_coro::throw_if_cancelled(throws);
            co_return result;
        }
    } catch (const DbError&) {
        claim.finish();
        failure = std::current_exception();
    } catch (...) {
        failure = std::current_exception();
    }
    co_await this_coro::throw_if_cancelled(throws);
    std::rethrow_exception(failure);
}

}  // namespace singularity::pgclient
