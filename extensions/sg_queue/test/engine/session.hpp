// One connection to the server, used by hand: a statement is begun and its answer fetched, at once or later,
// so that a test can go on while the server lets a statement wait for a lock.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <libpq-fe.h>

namespace singularity::queue::testing {

struct Answer {
    std::vector<std::vector<std::string>> rows;  // null is ""
    std::string sqlstate;                        // empty: no error
    std::string error;
    bool lost = false;  // the connection

    bool ok() const { return sqlstate.empty() && !lost; }
    std::string text() const;
};

class Session {
public:
    // Throws std::runtime_error where there is no server.
    explicit Session(std::string dsn);

    void start(const std::string& sql);
    // The answer to what was started. Throws std::runtime_error where it does not come within `patience`.
    Answer finish();
    Answer run(const std::string& sql);
    // The same, for what can't fail; throws std::runtime_error with the server's words where it does.
    Answer must(const std::string& sql);

    int pid() const { return PQbackendPID(connection_.get()); }
    bool lost() const { return PQstatus(connection_.get()) != CONNECTION_OK; }
    // Returns when the server's process has ended.
    void wait_until_closed();

    static constexpr std::chrono::seconds patience{30};

private:
    bool wait_readable();

    struct Close {
        void operator()(PGconn* connection) const { PQfinish(connection); }
    };
    std::unique_ptr<PGconn, Close> connection_;
    std::string running_;
};

// Microseconds since 1970, by the clock that the server of this machine reads too.
std::int64_t wall_clock();

// The DSN from the environment; ends the process with 77, skipped, where there is none.
std::string server_dsn();
// An environment variable's number, or `otherwise`.
std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise);

}  // namespace singularity::queue::testing
