// LISTEN on a connection of its own, which is made again for as long as the listener lives.
//
//     Listener listener({.dsn = dsn}, {"job_created"});
//     for (;;) {
//         Notification note = co_await listener.next();
//         if (note.resync) co_await catch_up();  // what was sent meanwhile is gone: look at the tables
//         else co_await handle(note.payload);
//     }
//
// PostgreSQL keeps no notification for who isn't connected. So the first thing that next() returns after
// each connection, the first included, is a resync: listen, then read, and nothing can be missed.
#pragma once

#include "algo/backoff.hpp"
#include "pgclient/connection.hpp"

#include <memory>
#include <string>
#include <vector>

namespace singularity::pgclient {

struct Notification {
    std::string channel = {};  // empty for a resync
    std::string payload = {};
    bool resync = false;
};

class Listener {
public:
    // Channels are taken literally, as by pg_notify (case counts). Throws std::invalid_argument for one
    // that is empty, longer than 63 bytes or contains NUL.
    Listener(ConnectOptions options, std::vector<std::string> channels, algo::BackoffPolicy backoff = {});
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    // Waits without limit, through lost connections and refused attempts. Throws DbError (cancelled) only
    // when the calling coroutine is cancelled; the connection stays, and next() may be called again.
    Task<Notification> next();

    // Why there is no connection now, for status pages; empty while there is one.
    const std::string& trouble() const;

private:
    class State;
    std::unique_ptr<State> state_;
};

}  // namespace singularity::pgclient
