#include "pgclient/handshake.hpp"

#include "core/format.hpp"
#include "pgclient/connect_target.hpp"
#include "pgclient/server_error.hpp"

#include <libpq-fe.h>

namespace singularity::pgclient {

namespace {

// How a dead peer is noticed without traffic: within a minute. The DSN may say otherwise.
constexpr std::pair<const char*, const char*> kDefaults[] = {
    {"keepalives_idle", "30"},
    {"keepalives_interval", "10"},
    {"keepalives_count", "3"},
    {"tcp_user_timeout", "60000"},
};

struct FinishCancel {
    void operator()(PGcancelConn* request) const { PQcancelFinish(request); }
};

NativeConnection start(const ConnectTarget& target) {
    std::vector<const char*> keywords, values;
    for (const auto& [keyword, value] : target) {
        keywords.push_back(keyword.c_str());
        values.push_back(value.c_str());
    }
    keywords.push_back(nullptr);
    values.push_back(nullptr);
    NativeConnection connection(PQconnectStartParams(keywords.data(), values.data(), 0));
    if (!connection) throw std::bad_alloc();
    PQsetNoticeReceiver(connection.get(), [](void*, const PGresult*) {}, nullptr);
    return connection;
}

// One step of either conversation: waits for what the last poll asked for, then polls. A conversation
// begins as if it had asked to write.
Task<Wake> wait_for(SocketWatch& watch, int socket, PostgresPollingStatusType asked) {
    watch.watch(socket);
    return asked == PGRES_POLLING_READING ? watch.readable() : watch.writable();
}

ConnectTarget with_settings(ConnectTarget target, const ConnectOptions& options) {
    for (const auto& [keyword, value] : kDefaults) target.emplace(keyword, value);
    if (!options.application_name.empty()) target["application_name"] = options.application_name;
    target["client_encoding"] = "UTF8";
    return target;
}

DbError not_in_time(const ConnectOptions& options, const PGconn* connection) {
    return connect_failure(core::format("no connection to \"{}\" within {} ms", PQhost(connection),
                                        options.connect_timeout.count()));
}

DbError cancelled() {
    return DbError({.cause = Cause::cancelled,
                    .sqlstate = std::string(kQueryCanceled),
                    .message = "cancelled while connecting",
                    .connection_lost = true});
}

}  // namespace

void FinishConnection::operator()(pg_conn* connection) const {
    PQfinish(connection);
}

Task<NativeConnection> connect(ConnectOptions options, SocketWatch& watch) {
    watch.begin(options.connect_timeout);
    const auto target = co_await resolve_hosts(parse_dsn(options.dsn), options.connect_timeout);
    NativeConnection connection = start(with_settings(target, options));
    auto asked = PGRES_POLLING_WRITING;
    if (PQstatus(connection.get()) == CONNECTION_BAD) asked = PGRES_POLLING_FAILED;
    while (asked != PGRES_POLLING_OK) {
        if (asked == PGRES_POLLING_FAILED) throw connect_failure(PQerrorMessage(connection.get()));
        const Wake wake = co_await wait_for(watch, PQsocket(connection.get()), asked);
        if (wake == Wake::expired) throw not_in_time(options, connection.get());
        if (wake == Wake::cancelled) throw cancelled();
        asked = PQconnectPoll(connection.get());
    }
    watch.end();
    watch.watch(PQsocket(connection.get()));
    PQsetnonblocking(connection.get(), 1);
    co_return connection;
}

Task<void> request_cancel(pg_conn* connection, const boost::asio::any_io_executor& executor,
                          std::chrono::milliseconds limit) {
    const std::unique_ptr<PGcancelConn, FinishCancel> request(PQcancelCreate(connection));
    if (!request || PQcancelStart(request.get()) == 0) co_return;
    SocketWatch watch(executor);
    watch.begin(limit);
    auto asked = PGRES_POLLING_WRITING;
    while (asked == PGRES_POLLING_READING || asked == PGRES_POLLING_WRITING) {
        const Wake wake = co_await wait_for(watch, PQcancelSocket(request.get()), asked);
        if (wake == Wake::expired) co_return;
        if (wake == Wake::ready) asked = PQcancelPoll(request.get());
    }
}

}  // namespace singularity::pgclient
