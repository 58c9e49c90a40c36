// Errors that depend on input or on the state of the world: what a caller can be told and can act on.
//
// Functions whose outcome depends on input return Expected<T>. What breaks underneath (a lost
// connection, a failed statement) throws one exception type of its layer, such as pgclient::DbError,
// and is caught once per request or message. One table here maps codes to exit codes and statuses.
#pragma once

#include <expected>
#include <string>
#include <utility>
#include <vector>

namespace singularity::core {

enum class ErrorCode {
    failed,         // the work was tried and did not succeed
    invalid_input,  // the caller's input is wrong; `details` names each field or key
    not_running,    // the backbone, or the part of it that is needed, is not up
    not_found,
    refused,  // understood, and denied: rights, policy, or the state of things
    timeout,
};

struct Error {
    ErrorCode code = ErrorCode::failed;
    std::string message;               // one sentence: what was wrong with which value, what would be right
    std::vector<std::string> details;  // one line each; may be empty
};

template <typename T>
using Expected = std::expected<T, Error>;

inline std::unexpected<Error> failure(ErrorCode code, std::string message,
                                      std::vector<std::string> details = {}) {
    return std::unexpected(Error{code, std::move(message), std::move(details)});
}

// Exit codes that scripts rely on: 1 failed, 2 used wrongly, 3 not running, 4 not found, 5 refused.
int exit_code(ErrorCode code);

int http_status(ErrorCode code);

}  // namespace singularity::core
