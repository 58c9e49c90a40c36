#include "pgclient/session.hpp"

#include "core/log.hpp"
#include "pgclient/server_error.hpp"
#include "pgclient/session_call.hpp"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>

namespace singularity::pgclient {

namespace this_coro = boost::asio::this_coro;
using std::chrono::milliseconds;

namespace {

constexpr int kBinaryResults = 1;

// DISCARD ALL without what would take the prepared statements and their plans.
constexpr Query kReset{"reset session",
                       "close all; set session authorization default; reset all; unlisten *; "
                       "select pg_advisory_unlock_all(); discard temp; discard sequences"};

}  // namespace

Task<std::unique_ptr<Session>> Session::open(ConnectOptions options) {
    auto session = std::make_unique<Session>(co_await this_coro::executor, options.deadline);
    const bool throws = co_await this_coro::throw_if_cancelled();
    co_await this_coro::throw_if_cancelled(false);
    std::exception_ptr failure;
    try {
        session->native_ = co_await connect(std::move(options), session->watch_);
    } catch (...) {
        failure = std::current_exception();
    }
    co_await this_coro::throw_if_cancelled(throws);
    if (failure) std::rethrow_exception(failure);
    session->backend_pid_ = PQbackendPID(session->native_.get());
    PQsetNoticeReceiver(session->native_.get(), receive_notice, session.get());
    co_return session;
}

Session::Session(boost::asio::any_io_executor executor, milliseconds deadline)
    : watch_(std::move(executor)), deadline_(deadline) {}

// Nearly every call is of a statement that is prepared, and whose answer comes at once and whole: that one
// is run by this coroutine alone. All others take the way of call().
Task<Result> Session::run(Query query, Arguments arguments, RowShape shape, milliseconds limit) {
    Statement* statement = rollback_first_ ? nullptr : statements_.find(query, arguments);
    if (!statement) co_return co_await call(query, limit, run_statement(query, std::move(arguments), shape));
    Call claim(*this, query, limit);
    try {
        send(query, *statement, arguments, shape);
        claim.begin();  // while the server works already
        Execution execution;
        ExecAction action = advance(execution, execution.fsm.start());
        if (action == ExecAction::wait_readable) {
            const Wake wake = watch_.explain(co_await watch_.async_readable());
            action = advance(execution, execution.fsm.woken(wake));
        }
        if (action != ExecAction::finish) {
            const bool throws = co_await this_coro::throw_if_cancelled();
            co_await this_coro::throw_if_cancelled(false);
            action = co_await complete(execution, action);
            co_await this_coro::throw_if_cancelled(throws);
        }
        Result result = settle(query, action, execution);
        claim.finish();
        co_return result;
    } catch (const DbError&) {
        claim.finish();
        throw;
    }
}

Task<void> Session::script(std::string sql, milliseconds limit) {
    static constexpr Query kScript{"script", ""};
    return call(kScript, limit, run_script(kScript, std::move(sql)));
}

Task<void> Session::clean(milliseconds limit) {
    return call(kReset, limit, run_clean());
}

milliseconds Session::take_limit() {
    const milliseconds limit = next_limit_.value_or(deadline_);
    next_limit_.reset();
    return limit;
}

bool Session::in_transaction() const {
    return !rollback_first_ && usable() && PQtransactionStatus(native_.get()) != PQTRANS_IDLE;
}

bool Session::dirty() const {
    return dirty_ || (usable() && PQtransactionStatus(native_.get()) != PQTRANS_IDLE);
}

bool Session::closed_by_server() {
    if (!usable()) return true;
    pollfd socket{PQsocket(native_.get()), POLLIN, 0};
    // A closing server sends its reason and then the end, which may be some time apart.
    for (int reads = 0; reads < 2 && ::poll(&socket, 1, 0) > 0; ++reads) {
        if (!PQconsumeInput(native_.get())) return true;
        (void)PQisBusy(native_.get());  // parses what was read; an idle session's errors come as notices
    }
    return server_is_closing_;
}

void Session::receive_notice(void* session, const PGresult* notice) {
    const auto field = [notice](int code) {
        const char* value = PQresultErrorField(notice, code);
        return std::string_view(value ? value : "");
    };
    const std::string_view severity = field(PG_DIAG_SEVERITY_NONLOCALIZED);
    if (severity == "FATAL" || severity == "PANIC") static_cast<Session*>(session)->server_is_closing_ = true;
    core::log::debug("pgclient.notice",
                     {{"sqlstate", field(PG_DIAG_SQLSTATE)}, {"message", field(PG_DIAG_MESSAGE_PRIMARY)}});
}

Task<Result> Session::run_statement(Query query, Arguments arguments, RowShape shape) {
    if (rollback_first_) co_await run_rollback();
    Statement* statement = statements_.find(query, arguments);
    if (!statement) statement = co_await prepare(query, arguments);
    go_on(query);
    send(query, *statement, arguments, shape);
    co_return co_await perform(query);
}

void Session::send(Query query, Statement& statement, const Arguments& arguments, RowShape shape) {
    if (!shape.empty() && statement.checked != shape.data()) {
        check_columns(query, shape, statement.description);
        statement.checked = shape.data();
    }
    parameters_.assign(query, arguments, statement.parameters);
    require_sent(query, PQsendQueryPrepared(native_.get(), statement.server_name.c_str(), parameters_.size(),
                                            parameters_.values(), parameters_.lengths(),
                                            parameters_.formats(), kBinaryResults));
}

Task<Statement*> Session::prepare(Query query, const Arguments& arguments) {
    go_on(query);
    Statement statement = statements_.plan(query, arguments);
    const char* name = statement.server_name.c_str();
    require_sent(query,
                 PQsendPrepare(native_.get(), name, statement.sql.c_str(),
                               static_cast<int>(statement.declared.size()), statement.declared.data()));
    co_await perform(query);
    go_on(query);
    require_sent(query, PQsendDescribePrepared(native_.get(), name));
    statement.description = co_await perform(query);
    const PGresult* description = statement.description.native();
    for (int i = 0; i < PQnparams(description); ++i) {
        statement.parameters.push_back(PQparamtype(description, i));
    }
    co_return &statements_.add(query, std::move(statement));
}

Task<void> Session::run_script(Query query, std::string sql) {
    if (rollback_first_) co_await run_rollback();
    go_on(query);
    dirty_ = dirty_ || query.name != kRollback.name;
    require_sent(query, PQsendQuery(native_.get(), sql.c_str()));
    co_await perform(query);
}

Task<void> Session::run_rollback() {
    rollback_first_ = false;
    if (PQtransactionStatus(native_.get()) != PQTRANS_IDLE) co_await run_script(kRollback, "rollback");
}

Task<void> Session::run_clean() {
    co_await run_rollback();
    if (dirty_) co_await run_script(kReset, std::string(kReset.sql));
    dirty_ = false;
}

Task<RawNotification> Session::notification() {
    return call(kNotification, deadline_, await_notification());
}

void Session::close() {
    watch_.unwatch();
    native_.reset();
}

void Session::require_sent(Query query, int sent) {
    if (sent == 1) return;
    const std::string why = PQerrorMessage(native_.get());
    if (PQstatus(native_.get()) == CONNECTION_BAD) close();
    throw connection_error(query, why);
}

}  // namespace singularity::pgclient
