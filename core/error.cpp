#include "core/error.hpp"

namespace singularity::core {

namespace {

struct Row {
    ErrorCode code;
    int exit;
    int http;
};

constexpr Row kRows[] = {
    {ErrorCode::failed, 1, 500},    {ErrorCode::invalid_input, 2, 400}, {ErrorCode::not_running, 3, 503},
    {ErrorCode::not_found, 4, 404}, {ErrorCode::refused, 5, 403},       {ErrorCode::timeout, 1, 504},
};

const Row& row_of(ErrorCode code) {
    for (const Row& row : kRows) {
        if (row.code == code) return row;
    }
    return kRows[0];
}

}  // namespace

int exit_code(ErrorCode code) {
    return row_of(code).exit;
}

int http_status(ErrorCode code) {
    return row_of(code).http;
}

}  // namespace singularity::core
