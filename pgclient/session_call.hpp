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
        session.watch_.begin(limit);
    }
    ~Call() {
        if (session_.busy_) session_.close();
        session_.busy_ = false;
    }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

    // Runs `work` so that the caller's cancellation reaches the waits and nothing else.
    template <class T>
    Task<T> shielded(Task<T> work) {
        const bool throws = co_await boost::asio::this_coro::throw_if_cancelled();
        co_await boost::asio::this_coro::throw_if_cancelled(false);
        std::exception_ptr failure;
        try {
            if constexpr (std::is_void_v<T>) {
                co_await std::move(work);
                finish();
                co_await boost::asio::this_coro::throw_if_cancelled(throws);
                co_return;
            } else {
                T result = co_await std::move(work);
                finish();
                co_await boost::asio::this_coro::throw_if_cancelled(throws);
                co_return result;
            }
        } catch (const DbError&) {
            finish();  // it is thrown when the protocol is idle again, or the connection closed
            failure = std::current_exception();
        } catch (...) {
            failure = std::current_exception();
        }
        co_await boost::asio::this_coro::throw_if_cancelled(throws);
        std::rethrow_exception(failure);
    }

private:
    void finish() {
        session_.watch_.end();
        session_.busy_ = false;
    }

    Session& session_;
};

}  // namespace singularity::pgclient
