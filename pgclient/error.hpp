// What can break underneath a query: one exception type, with what the server said about it.
//
// Nothing here is retried by this library. Catch a DbError once per request or message and decide there.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace singularity::pgclient {

enum class Cause {
    server,      // the server refused the statement; sqlstate() is its own
    connection,  // no connection could be made, or it broke: the statement may or may not have run
    in_doubt,    // the connection broke inside COMMIT: whether it committed is unknown (SQLSTATE 08007)
    deadline,    // the call's deadline passed and the statement was cancelled (57014)
    cancelled,   // the caller's coroutine was cancelled, and the statement with it (57014)
    mismatch,    // the result does not fit the row type, or a parameter its statement (42804, 22004, …)
    pool,        // the pool is full, closed, or found no connection in time (53300, 57P03)
    misuse,      // the program used a connection wrongly, such as two calls at once (55000)
};

struct ErrorFields {
    Cause cause = Cause::server;
    std::string sqlstate = {};  // five characters
    std::string message = {};   // without the query's name
    std::string detail = {};
    std::string hint = {};
    std::string query = {};        // the query's name; empty where no query was involved
    bool connection_lost = false;  // this connection can't be used again
    int position = 0;              // where in the SQL, in characters from 1; 0 if unknown
};

class DbError : public std::runtime_error {
public:
    explicit DbError(ErrorFields fields);

    Cause cause() const { return fields_.cause; }
    const std::string& sqlstate() const { return fields_.sqlstate; }
    const std::string& message() const { return fields_.message; }
    const std::string& detail() const { return fields_.detail; }
    const std::string& hint() const { return fields_.hint; }
    const std::string& query() const { return fields_.query; }
    int position() const { return fields_.position; }
    const ErrorFields& fields() const { return fields_; }

    // The connection is gone; another one may work. Also true for in_doubt().
    bool connection_lost() const { return fields_.connection_lost; }

    // The transaction's outcome must be looked up; repeating it blindly may do it twice.
    bool in_doubt() const { return fields_.cause == Cause::in_doubt; }

    // Serialization failure or deadlock: the whole transaction may be tried again.
    bool retryable() const { return fields_.sqlstate == "40001" || fields_.sqlstate == "40P01"; }

private:
    ErrorFields fields_;
};

// SQLSTATEs this library gives errors of its own.
inline constexpr std::string_view kConnectFailed = "08001";
inline constexpr std::string_view kConnectionLost = "08006";
inline constexpr std::string_view kInDoubt = "08007";
inline constexpr std::string_view kQueryCanceled = "57014";
inline constexpr std::string_view kTypeMismatch = "42804";
inline constexpr std::string_view kUnexpectedNull = "22004";
inline constexpr std::string_view kBadCharacter = "22021";
inline constexpr std::string_view kBadBinary = "22P03";
inline constexpr std::string_view kNoRow = "02000";
inline constexpr std::string_view kTooManyRows = "21000";
inline constexpr std::string_view kPoolFull = "53300";
inline constexpr std::string_view kNoConnection = "57P03";
inline constexpr std::string_view kMisuse = "55000";

}  // namespace singularity::pgclient
