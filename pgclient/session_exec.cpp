// The I/O that ExecFsm asks for, one statement at a time.
#include "pgclient/session.hpp"

#include "pgclient/server_error.hpp"

#include <libpq-fe.h>

#include <format>

namespace singularity::pgclient {

namespace {

// For a cancelled statement's answer, the request to cancel included.
constexpr std::chrono::milliseconds kGrace{2'000};

constexpr Query kNotification{"notification", ""};

// The statement itself may be fine: the server can't use any more what was prepared, because somebody
// deallocated it, or because a table changed under `select *` ("cached plan must not change result type").
bool is_stale(const PGresult* error, std::string_view sqlstate) {
    if (sqlstate == "26000") return true;
    const char* where = PQresultErrorField(error, PG_DIAG_SOURCE_FUNCTION);
    return sqlstate == "0A000" && where && std::string_view(where) == "RevalidateCachedQuery";
}

}  // namespace

Task<Result> Session::perform(Query query) {
    PGconn* connection = native_.get();
    ExecFsm fsm;
    Result result, error;
    for (ExecAction action = fsm.start();;) {
        switch (action) {
            case ExecAction::flush: {
                const Flushed how = flush();
                action = fsm.flushed(how, PQisBusy(connection));
                break;
            }
            case ExecAction::wait_readable:
                action = fsm.woken(watch_.expired() ? Wake::expired
                                                    : watch_.explain(co_await watch_.async_readable()));
                break;
            case ExecAction::wait_either: action = fsm.woken(co_await watch_.readable_or_writable()); break;
            case ExecAction::consume: {
                const bool ok = PQconsumeInput(connection);
                action = fsm.consumed(ok, PQisBusy(connection));
                break;
            }
            case ExecAction::take_result: {
                const Taken what = take(result, error);
                action = fsm.took(what, PQisBusy(connection));
                break;
            }
            case ExecAction::cancel:
                watch_.begin(kGrace);
                co_await request_cancel(connection, watch_.executor(), kGrace);
                action = fsm.cancel_requested();
                break;
            case ExecAction::finish:
                co_return settle(query, fsm.stopped(), std::move(result), std::move(error));
            case ExecAction::abandon: give_up(query, fsm.stopped());
        }
    }
}

Flushed Session::flush() {
    const int left = PQflush(native_.get());
    return left == 0 ? Flushed::all : left > 0 ? Flushed::partly : Flushed::failed;
}

// Keeps the last result, or the first error.
Taken Session::take(Result& result, Result& error) {
    PGresult* taken = PQgetResult(native_.get());
    if (!taken) return Taken::nothing_more;
    switch (PQresultStatus(taken)) {
        case PGRES_COPY_IN:
        case PGRES_COPY_OUT:
        case PGRES_COPY_BOTH: PQclear(taken); return Taken::copy;
        case PGRES_BAD_RESPONSE:
        case PGRES_FATAL_ERROR:
            if (error.native()) PQclear(taken);
            else error = Result(taken);
            break;
        default: result = Result(taken);
    }
    return Taken::result;
}

Result Session::settle(Query query, Wake stopped, Result result, Result error) {
    const bool lost = PQstatus(native_.get()) == CONNECTION_BAD;
    if (lost && !error.native() && !result.native()) {
        const std::string why = PQerrorMessage(native_.get());
        close();
        throw connection_error(query, why);
    }
    if (lost) close();
    // A COMMIT that was confirmed is done, whatever ended the connection after it.
    if (!error.native() || (lost && result.tag() == "COMMIT")) return result;
    const DbError failure = server_error(query, error.native(), lost);
    if (stopped != Wake::ready && failure.sqlstate() == kQueryCanceled) throw stopped_error(query, stopped);
    if (is_stale(error.native(), failure.sqlstate())) statements_.forget(query);
    throw failure;
}

void Session::give_up(Query query, Wake stopped) {
    close();
    if (stopped != Wake::ready) throw stopped_error(query, stopped);
    throw DbError({.cause = Cause::misuse,
                   .sqlstate = std::string(kMisuse),
                   .message = "COPY can't be run here; the connection was closed",
                   .query = std::string(query.name),
                   .connection_lost = true});
}

DbError Session::stopped_error(Query query, Wake why) const {
    const bool late = why == Wake::expired;
    std::string message = late ? std::format("cancelled, its deadline of {} ms has passed", limit_.count())
                               : "cancelled by its caller";
    if (!usable()) message += "; the server did not answer, the connection was closed";
    return DbError({.cause = late ? Cause::deadline : Cause::cancelled,
                    .sqlstate = std::string(kQueryCanceled),
                    .message = std::move(message),
                    .query = std::string(query.name),
                    .connection_lost = !usable()});
}

Task<RawNotification> Session::await_notification() {
    watch_.end();
    for (;;) {
        if (PGnotify* received = PQnotifies(native_.get())) {
            RawNotification notification{received->relname, received->extra};
            PQfreemem(received);
            co_return notification;
        }
        if (co_await watch_.readable() == Wake::cancelled)
            throw stopped_error(kNotification, Wake::cancelled);
        if (!PQconsumeInput(native_.get())) {
            const std::string why = PQerrorMessage(native_.get());
            close();
            throw connection_error(kNotification, why);
        }
    }
}

}  // namespace singularity::pgclient
