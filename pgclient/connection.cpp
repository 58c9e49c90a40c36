#include "pgclient/connection.hpp"

#include "core/format.hpp"
#include "pgclient/session.hpp"

namespace singularity::pgclient {

Task<std::unique_ptr<Connection>> Connection::open(ConnectOptions options) {
    auto session = co_await Session::open(std::move(options));
    co_return std::unique_ptr<Connection>(new Connection(std::move(session)));
}

Connection::Connection(std::unique_ptr<Session> session) : session_(std::move(session)) {}

Connection::~Connection() = default;

Task<Result> Connection::run(Query query, Arguments arguments, RowShape shape) {
    return session_->run(query, std::move(arguments), shape, session_->take_limit());
}

Task<void> Connection::script(std::string_view sql) {
    return session_->script(std::string(sql), session_->take_limit());
}

Connection& Connection::within(std::chrono::milliseconds deadline) {
    session_->set_limit(deadline);
    return *this;
}

bool Connection::usable() const {
    return session_->usable();
}

int Connection::backend_pid() const {
    return session_->backend_pid();
}

bool Connection::dirty() const {
    return session_->dirty();
}

void Connection::mark_dirty() {
    session_->mark_dirty();
}

Task<void> Connection::clean() {
    return session_->clean(session_->take_limit());
}

Task<std::uint64_t> Connection::read_affected(Task<Result> pending) {
    const Result result = co_await std::move(pending);
    co_return result.affected();
}

void Connection::throw_row_count(Query query, std::size_t rows) {
    throw DbError({.cause = Cause::mismatch,
                   .sqlstate = std::string(rows == 0 ? kNoRow : kTooManyRows),
                   .message = core::format("one row was expected, the result has {}", rows),
                   .query = std::string(query.name)});
}

}  // namespace singularity::pgclient
