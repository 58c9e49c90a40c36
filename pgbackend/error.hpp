// Errors on both sides of the bridge.
//
// `Failure` is thrown by our code and becomes an ereport(ERROR). `PgError` is a server's ereport(ERROR) that
// call() has turned into an exception; it keeps every field and is raised again verbatim. `ErrorReport` is
// what entry() carries out of its catch block: plain memory of its frame, so that the jump that ereport makes
// skips no destructor and leaves no exception half handled.
//
// Invariant: a PgError ends in entry(), which raises it again, or in attempt() (subtransaction.hpp), which
// rolls back; nowhere else is the server's state made good after an error. It is no std::exception, and
// entry() refuses to return normally from a function that dropped one.
#pragma once

#include "pgbackend/postgres.hpp"

namespace singularity::pgbackend {

// What went wrong in our own code. `sqlstate` is one of utils/errcodes.h (ERRCODE_…); texts follow the
// server's message style, in the database's encoding. Longer ones than ErrorReport holds are cut.
class Failure : public std::exception {
public:
    explicit Failure(int sqlstate, std::string message, std::string detail = {}, std::string hint = {},
                     std::source_location where = std::source_location::current())
        : sqlstate_(sqlstate),
          message_(std::move(message)),
          detail_(std::move(detail)),
          hint_(std::move(hint)),
          where_(where) {}

    const char* what() const noexcept override { return message_.c_str(); }
    int sqlstate() const noexcept { return sqlstate_; }
    const std::string& detail() const noexcept { return detail_; }
    const std::string& hint() const noexcept { return hint_; }
    const std::source_location& where() const noexcept { return where_; }

private:
    int sqlstate_;
    std::string message_, detail_, hint_;
    std::source_location where_;
};

// A server's error, in a memory context of its own that lives as long as this does.
class PgError {
public:
    // Takes over the error and the context it was allocated in.
    explicit PgError(ErrorData* data) noexcept : data_(data) {}
    PgError(PgError&& other) noexcept : data_(std::exchange(other.data_, nullptr)) {}
    PgError& operator=(PgError&& other) noexcept {
        std::swap(data_, other.data_);
        return *this;
    }
    ~PgError();

    int sqlstate() const noexcept { return data_->sqlerrcode; }
    const char* message() const noexcept { return data_->message; }
    const ErrorData& data() const noexcept { return *data_; }

    // Whether somebody asked for this statement's end (cancel, statement_timeout): never an outcome to
    // handle.
    bool is_cancel() const noexcept { return sqlstate() == ERRCODE_QUERY_CANCELED; }

    ErrorData* release() noexcept { return std::exchange(data_, nullptr); }

private:
    ErrorData* data_;
};

// How many PgErrors have been thrown in this process whose effects on the server's state were not undone yet.
inline std::uint64_t unsettled_errors = 0;

// Remembers how many errors were unsettled when it was made.
class ErrorMark {
public:
    bool unsettled() const noexcept { return unsettled_errors != count_; }
    // To be called when later errors were raised again or their transaction has been rolled back.
    void settle() const noexcept { unsettled_errors = count_; }

private:
    std::uint64_t count_ = unsettled_errors;
};

struct ErrorReport {
    // Fills this from the exception that is being handled.
    void describe_current() noexcept;
    [[noreturn]] void raise();

    ErrorData* server_error;  // raised again as it is, if not null; the rest is unset then
    int sqlstate;
    const char* file;
    const char* function;
    int line;
    char message[1024], detail[1024], hint[512];
};
static_assert(std::is_trivially_destructible_v<ErrorReport> &&
              std::is_trivially_default_constructible_v<ErrorReport>);

}  // namespace singularity::pgbackend
