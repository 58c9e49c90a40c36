// What is behind a Connection: the libpq connection, its prepared statements, and the course of a call.
//
// A call begins by claiming the session and ends with the protocol idle, or with the connection closed.
// A coroutine that is destroyed in the middle of its call leaves a protocol state that nobody knows: that
// closes the connection, too.
#pragma once

#include "pgclient/connection.hpp"
#include "pgclient/exec_fsm.hpp"
#include "pgclient/handshake.hpp"
#include "pgclient/parameters.hpp"
#include "pgclient/socket_watch.hpp"
#include "pgclient/statement_cache.hpp"

#include <optional>
#include <string>

namespace singularity::pgclient {

inline constexpr Query kRollback{"rollback", "rollback"};
// Not sent: what waits for notifications is a call, too.
inline constexpr Query kNotification{"notification", ""};

struct RawNotification {
    std::string channel;
    std::string payload;
};

class Session {
public:
    static Task<std::unique_ptr<Session>> open(ConnectOptions options);
    Session(boost::asio::any_io_executor executor, std::chrono::milliseconds deadline);

    Task<Result> run(Query query, Arguments arguments, RowShape shape, std::chrono::milliseconds limit);
    Task<void> script(std::string sql, std::chrono::milliseconds limit);
    Task<void> clean(std::chrono::milliseconds limit);
    // Without a limit in time.
    Task<RawNotification> notification();

    // The limit of the next call, which takes it.
    void set_limit(std::chrono::milliseconds limit) { next_limit_ = limit; }
    std::chrono::milliseconds take_limit();

    bool usable() const { return native_ != nullptr; }
    bool in_transaction() const;
    int backend_pid() const { return backend_pid_; }

    // The open transaction is to be rolled back before the next statement.
    void abandon_transaction() { rollback_first_ = true; }

    bool dirty() const;
    void mark_dirty() { dirty_ = true; }

    // For a session at rest: whether the server has closed it meanwhile. Takes what has arrived.
    bool closed_by_server();
    void rest() { watch_.rest(); }

private:
    class Call;  // session_call.hpp
    template <class T>
    Task<T> call(Query query, std::chrono::milliseconds limit, Task<T> work);

    Task<Result> run_statement(Query query, Arguments arguments, RowShape shape);
    Task<Statement*> prepare(Query query, const Arguments& arguments);
    Task<void> run_script(Query query, std::string sql);
    Task<void> run_rollback();
    Task<void> run_clean();

    void send(Query query, Statement& statement, const Arguments& arguments, RowShape shape);

    // session_exec.cpp: from sent to finished, as ExecFsm says.
    struct Execution {
        ExecFsm fsm = {};
        Result result = {};  // the last
        Result error = {};   // the first
    };
    Task<Result> perform(Query query);
    // Does what needs no waiting, up to an action that does, or the end.
    ExecAction advance(Execution& execution, ExecAction action);
    // Does all the rest; ends with finish or abandon. throw_if_cancelled must be false.
    Task<ExecAction> complete(Execution& execution, ExecAction action);
    Flushed flush();
    Taken take(Execution& execution);
    // The result, or the DbError that the execution's end amounts to.
    Result settle(Query query, ExecAction end, Execution& execution);
    // Before what follows in the same call: a statement may have finished although it was to be stopped.
    void go_on(Query query) const;
    [[noreturn]] void give_up(Query query, Wake stopped);
    DbError stopped_error(Query query, Wake why) const;
    Task<RawNotification> await_notification();

    // libpq would print notices to standard error.
    static void receive_notice(void* session, const pg_result* notice);

    void close();
    void require_sent(Query query, int sent);

    SocketWatch watch_;
    NativeConnection native_;
    StatementCache statements_;
    Parameters parameters_;
    std::chrono::milliseconds deadline_;
    std::optional<std::chrono::milliseconds> next_limit_;
    std::chrono::milliseconds limit_{0};  // of the call in progress
    Wake stopped_ = Wake::ready;          // why that call is to end, if a statement of it finished
    int backend_pid_ = 0;
    bool busy_ = false;
    bool dirty_ = false;
    bool rollback_first_ = false;
    bool server_is_closing_ = false;  // its farewell has been read, the end of the stream not yet
};

}  // namespace singularity::pgclient
