#include "pgclient/error.hpp"

namespace singularity::pgclient {

namespace {

std::string describe(const ErrorFields& fields) {
    std::string text;
    if (!fields.query.empty()) text = "query " + fields.query + ": ";
    text += fields.message;
    if (!fields.detail.empty()) text += " (" + fields.detail + ")";
    return text;
}

}  // namespace

DbError::DbError(ErrorFields fields) : std::runtime_error(describe(fields)), fields_(std::move(fields)) {}

}  // namespace singularity::pgclient
