// A transaction on one connection. Run its statements on the connection itself, as before.
//
//     auto transaction = co_await connection.begin();
//     co_await connection.exec(kMarkLearned, id);
//     co_await transaction.commit();
//
// A transaction that is destroyed without commit() is rolled back before the connection's next
// statement (or when its lease goes back to the pool): destructors never wait.
#pragma once

#include "pgclient/query.hpp"

namespace singularity::pgclient {

class Connection;

enum class Isolation { read_committed, repeatable_read, serializable };

class [[nodiscard]] Transaction {
public:
    Transaction(Transaction&& other) noexcept;
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();

    // Throws DbError: from the server if it refused (the transaction is rolled back, as when a statement
    // in it had failed: 40000), or in_doubt() if the connection broke before the answer came.
    Task<void> commit();
    Task<void> rollback();

private:
    friend class Connection;
    explicit Transaction(Connection& connection) : connection_(&connection) {}

    Connection* connection_;  // null once it has ended
};

}  // namespace singularity::pgclient
