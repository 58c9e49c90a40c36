// One connection to PostgreSQL, on an Asio coroutine's executor.
//
// Statements are prepared once a connection and run by the extended protocol with binary values
// (codec.hpp has the types, row.hpp the rows). Every call has a deadline; when it passes, or when the
// calling coroutine is cancelled, the statement is cancelled on the server and the call returns, at most
// two seconds later, with DbError (57014). A statement that finished all the same has its result
// returned: no effect is hidden. If the server does not answer in those two seconds, the connection is
// closed and the error says connection_lost().
//
// A connection runs one call at a time; a second one throws DbError (misuse). It is not thread-safe: its
// executor must run one handler at a time (an io_context with one thread, or a strand).
#pragma once

#include "pgclient/arguments.hpp"
#include "pgclient/error.hpp"
#include "pgclient/query.hpp"
#include "pgclient/result.hpp"
#include "pgclient/row.hpp"
#include "pgclient/transaction.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace singularity::pgclient {

class Session;

struct ConnectOptions {
    std::string dsn = {};               // libpq's URL or keyword form; PG* variables fill what it leaves out
    std::string application_name = {};  // empty: the DSN's
    std::chrono::milliseconds connect_timeout{5'000};  // for all hosts and addresses together
    std::chrono::milliseconds deadline{30'000};        // of each call, unless within() says otherwise
};

class Connection {
public:
    // Throws DbError (08001) with libpq's message for each host tried. Host names are resolved without
    // blocking the executor.
    static Task<std::unique_ptr<Connection>> open(ConnectOptions options);

    ~Connection();  // closes at once; a running statement goes on in the server until it notices
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    template <class Row, class... A>
    Task<std::vector<Row>> rows(Query query, const A&... arguments) {
        return read_rows<Row>(query, run(query, Arguments(arguments...), kRowShape<Row>));
    }

    // Exactly one row: throws DbError 02000 for none, 21000 for more.
    template <class Row, class... A>
    Task<Row> one(Query query, const A&... arguments) {
        return read_one<Row>(query, run(query, Arguments(arguments...), kRowShape<Row>));
    }

    // At most one row: throws DbError 21000 for more.
    template <class Row, class... A>
    Task<std::optional<Row>> maybe(Query query, const A&... arguments) {
        return read_maybe<Row>(query, run(query, Arguments(arguments...), kRowShape<Row>));
    }

    // For its effect. Returns the number of affected rows; rows that it returns are dropped.
    template <class... A>
    Task<std::uint64_t> exec(Query query, const A&... arguments) {
        return read_affected(run(query, Arguments(arguments...), {}));
    }

    // Several statements separated by semicolons, by the simple protocol: one implicit transaction,
    // no parameters, results dropped. Throws the first error. COPY is refused.
    Task<void> script(std::string_view sql);

    // The deadline of the next call only: co_await connection.within(5s).rows<Job>(kClaim).
    Connection& within(std::chrono::milliseconds deadline);

    // Throws DbError (25001) inside a transaction.
    Task<Transaction> begin(Isolation isolation = Isolation::read_committed);

    bool usable() const;  // false once connection_lost() was thrown
    int backend_pid() const;

    // Whether something of this use is left behind: an open transaction, or session state that a
    // script or a command such as SET or LISTEN may have changed. Selects that change the session
    // (set_config, pg_advisory_lock) can't be seen: say so with mark_dirty().
    bool dirty() const;
    void mark_dirty();

    // Rolls back and resets what a session can hold, except prepared statements. Afterwards not dirty().
    Task<void> clean();

private:
    friend class Transaction;
    friend class Listener;
    friend class PoolState;
    explicit Connection(std::unique_ptr<Session> session);

    Task<Result> run(Query query, Arguments arguments, RowShape shape);

    template <class Row>
    static Task<std::vector<Row>> read_rows(Query query, Task<Result> pending) {
        const Result result = co_await std::move(pending);
        std::vector<Row> rows;
        rows.reserve(result.rows());
        for (std::size_t i = 0; i < result.rows(); ++i) rows.push_back(decode_row<Row>(query, result, i));
        co_return rows;
    }

    template <class Row>
    static Task<Row> read_one(Query query, Task<Result> pending) {
        const Result result = co_await std::move(pending);
        if (result.rows() != 1) throw_row_count(query, result.rows());
        co_return decode_row<Row>(query, result, 0);
    }

    template <class Row>
    static Task<std::optional<Row>> read_maybe(Query query, Task<Result> pending) {
        const Result result = co_await std::move(pending);
        if (result.rows() > 1) throw_row_count(query, result.rows());
        if (result.rows() == 0) co_return std::nullopt;
        co_return decode_row<Row>(query, result, 0);
    }

    static Task<std::uint64_t> read_affected(Task<Result> pending);
    [[noreturn]] static void throw_row_count(Query query, std::size_t rows);

    std::unique_ptr<Session> session_;
};

}  // namespace singularity::pgclient
