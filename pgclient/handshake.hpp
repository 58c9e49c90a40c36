// libpq's two conversations that consist of polling: making a connection, and asking to cancel.
#pragma once

#include "pgclient/connection.hpp"
#include "pgclient/socket_watch.hpp"

#include <memory>

struct pg_conn;

namespace singularity::pgclient {

struct FinishConnection {
    void operator()(pg_conn* connection) const;
};
using NativeConnection = std::unique_ptr<pg_conn, FinishConnection>;

// Connects and leaves the connection's socket watched. Throws DbError: 08001, or 57014 if cancelled.
// throw_if_cancelled must be false, here and below.
Task<NativeConnection> connect(ConnectOptions options, SocketWatch& watch);

// Asks the server to cancel what `connection` runs, for at most `limit`. When it returns in time, the
// request has been delivered: it can't hit a later statement. Failures show in the statement's not
// ending. The caller's cancellation doesn't stop it.
Task<void> request_cancel(pg_conn* connection, const boost::asio::any_io_executor& executor,
                          std::chrono::milliseconds limit);

}  // namespace singularity::pgclient
