// The I/O that ExecFsm asks for, one statement at a time.
#include "pgclient/session.hpp"

#include "core/format.hpp"
#include "pgclient/server_error.hpp"

#include <libpq-fe.h>

#include <algorithm>

namespace singularity::pgclient {

namespace {

// For a cancelled statement's answer, the request to cancel included.
constexpr std::chrono::milliseconds kGrace{2'000};

// The statement itself may be fine: the server can't use any more what was prepared, because somebody
// deallocated it, or because a table changed under `select *` ("cached plan must not change result type").
bool is_stale(const PGresult* error, std::string_view sqlstate) {
    if (sqlstate == "26000") return true;
    const char* where = PQresultErrorField(error, PG_DIAG_SOURCE_FUNCTION);
    return sqlstate == "0A000" && where && std::string_view(where) == "RevalidateCachedQuery";
}

// Commands that leave nothing in the session but an open transaction, which libpq knows of. Preparing a
// statement has no tag.
bool leaves_nothing(std::string_view tag) {
    static constexpr std::string_view kHarmless[] = {"SELECT", "INSERT", "UPDATE",   "DELETE", "MERGE",
                                                     "BEGIN",  "COMMIT", "ROLLBACK", "NOTIFY"};
    return tag.empty() ||
           std::ranges::any_of(kHarmless, [tag](std::string_view verb) { return tag.starts_with(verb); });
}

}  // namespace

Task<Result> Session::perform(Query query) {
    Execution execution;
    const ExecAction end = co_await complete(execution, advance(execution, execution.fsm.start()));
    co_return settle(query, end, execution);
}

ExecAction Session::advance(Execution& execution, ExecAction action) {
    PGconn* connection = native_.get();
    for (;;) {
        switch (action) {
            case ExecAction::flush: {
                const Flushed how = flush();
                action = execution.fsm.flushed(how, PQisBusy(connection));
                break;
            }
            case ExecAction::consume: {
                const bool ok = PQconsumeInput(connection);
                action = execution.fsm.consumed(ok, PQisBusy(connection));
                break;
            }
            case ExecAction::take_result: {
                const Taken what = take(execution);
                action = execution.fsm.took(what, what == Taken::result && PQisBusy(connection));
                break;
            }
            default: return action;
        }
    }
}

Task<ExecAction> Session::complete(Execution& execution, ExecAction action) {
    for (;;) {
        switch (action) {
            case ExecAction::wait_readable: action = execution.fsm.woken(co_await watch_.readable()); break;
            case ExecAction::wait_either:
                action = execution.fsm.woken(co_await watch_.readable_or_writable());
                break;
            case ExecAction::cancel:
                watch_.begin(kGrace);
                co_await request_cancel(native_.get(), watch_.executor(), kGrace);
                action = execution.fsm.cancel_requested();
                break;
            default: co_return action;
        }
        action = advance(execution, action);
    }
}

Flushed Session::flush() {
    const int left = PQflush(native_.get());
    return left == 0 ? Flushed::all : left > 0 ? Flushed::partly : Flushed::failed;
}

// Keeps the last result, or the first error.
Taken Session::take(Execution& execution) {
    PGresult* taken = PQgetResult(native_.get());
    if (!taken) return Taken::nothing_more;
    switch (PQresultStatus(taken)) {
        case PGRES_COPY_IN:
        case PGRES_COPY_OUT:
        case PGRES_COPY_BOTH: PQclear(taken); return Taken::copy;
        case PGRES_BAD_RESPONSE:
        case PGRES_FATAL_ERROR:
            if (execution.error.native()) PQclear(taken);
            else execution.error = Result(taken);
            break;
        default: execution.result = Result(taken);
    }
    return Taken::result;
}

Result Session::settle(Query query, ExecAction end, Execution& execution) {
    const Wake stopped = execution.fsm.stopped();
    if (stopped != Wake::ready) stopped_ = stopped;
    if (end == ExecAction::abandon) give_up(query, stopped);
    auto& [fsm, result, error] = execution;
    const bool lost = PQstatus(native_.get()) == CONNECTION_BAD;
    if (lost && !error.native() && !result.native()) {
        const std::string why = PQerrorMessage(native_.get());
        close();
        throw connection_error(query, why);
    }
    if (lost) close();
    if (!leaves_nothing(result.tag())) dirty_ = true;
    // A COMMIT that was confirmed is done, whatever ended the connection after it.
    if (!error.native() || (lost && result.tag() == "COMMIT")) return std::move(result);
    const DbError failure = server_error(query, error.native(), lost);
    if (stopped != Wake::ready && failure.sqlstate() == kQueryCanceled) throw stopped_error(query, stopped);
    if (is_stale(error.native(), failure.sqlstate())) statements_.forget(query);
    throw failure;
}

void Session::go_on(Query query) const {
    if (stopped_ != Wake::ready) throw stopped_error(query, stopped_);
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
    std::string message = late ? core::format("cancelled, its deadline of {} ms has passed", limit_.count())
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
