#include "pgclient/transaction.hpp"

#include "pgclient/connection.hpp"
#include "pgclient/session.hpp"

#include <utility>

namespace singularity::pgclient {

namespace {

constexpr Query kBeginReadCommitted{"begin", "begin isolation level read committed"};
constexpr Query kBeginRepeatableRead{"begin repeatable read", "begin isolation level repeatable read"};
constexpr Query kBeginSerializable{"begin serializable", "begin isolation level serializable"};
constexpr Query kCommit{"commit", "commit"};
constexpr std::string_view kActiveTransaction = "25001";
constexpr std::string_view kRolledBack = "40000";

Query begin_statement(Isolation isolation) {
    switch (isolation) {
        case Isolation::repeatable_read: return kBeginRepeatableRead;
        case Isolation::serializable: return kBeginSerializable;
        case Isolation::read_committed: break;
    }
    return kBeginReadCommitted;
}

DbError in_doubt(const DbError& cause) {
    return DbError({.cause = Cause::in_doubt,
                    .sqlstate = std::string(kInDoubt),
                    .message = "whether the transaction was committed is unknown: " + cause.message(),
                    .detail = cause.detail(),
                    .hint = "Look up whether its effect is there before repeating it.",
                    .query = std::string(kCommit.name),
                    .connection_lost = true});
}

}  // namespace

Task<Transaction> Connection::begin(Isolation isolation) {
    const Query query = begin_statement(isolation);
    if (session_->in_transaction()) {
        throw DbError({.cause = Cause::misuse,
                       .sqlstate = std::string(kActiveTransaction),
                       .message = "there is already a transaction in progress",
                       .query = std::string(query.name)});
    }
    co_await exec(query);
    co_return Transaction(*this);
}

Transaction::Transaction(Transaction&& other) noexcept
    : connection_(std::exchange(other.connection_, nullptr)) {}

Transaction::~Transaction() {
    if (connection_) connection_->session_->abandon_transaction();
}

Task<void> Transaction::commit() {
    Connection& connection = *std::exchange(connection_, nullptr);
    // A connection that is gone before COMMIT is sent leaves no doubt: run() says so.
    const bool was_usable = connection.usable();
    Result result;
    try {
        result = co_await connection.run(kCommit, Arguments(), {});
    } catch (const DbError& error) {
        if (was_usable && error.connection_lost()) throw in_doubt(error);
        connection.session_->abandon_transaction();  // COMMIT may not have been sent
        throw;
    }
    if (result.tag() == "COMMIT") co_return;
    throw DbError({.cause = Cause::server,
                   .sqlstate = std::string(kRolledBack),
                   .message = "the transaction was rolled back, because a statement in it had failed",
                   .query = std::string(kCommit.name)});
}

Task<void> Transaction::rollback() {
    co_await connection_->exec(kRollback);
    connection_ = nullptr;
}

}  // namespace singularity::pgclient
