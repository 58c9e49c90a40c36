#include "pgclient/server_error.hpp"

#include <libpq-fe.h>

#include <charconv>

namespace singularity::pgclient {

namespace {

std::string field(const pg_result* result, int code) {
    const char* value = PQresultErrorField(result, code);
    return value ? value : "";
}

int number(std::string_view digits) {
    int value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

std::string trimmed(std::string_view message) {
    while (message.ends_with('\n')) message.remove_suffix(1);
    return std::string(message);
}

}  // namespace

DbError server_error(Query query, const pg_result* result, bool connection_lost) {
    // An error that libpq found itself has no fields, only a text.
    if (!PQresultErrorField(result, PG_DIAG_SQLSTATE)) {
        return connection_error(query, PQresultErrorMessage(result));
    }
    return DbError({.cause = connection_lost ? Cause::connection : Cause::server,
                    .sqlstate = field(result, PG_DIAG_SQLSTATE),
                    .message = field(result, PG_DIAG_MESSAGE_PRIMARY),
                    .detail = field(result, PG_DIAG_MESSAGE_DETAIL),
                    .hint = field(result, PG_DIAG_MESSAGE_HINT),
                    .query = std::string(query.name),
                    .connection_lost = connection_lost,
                    .position = number(field(result, PG_DIAG_STATEMENT_POSITION))});
}

DbError connection_error(Query query, std::string_view message) {
    return DbError({.cause = Cause::connection,
                    .sqlstate = std::string(kConnectionLost),
                    .message = trimmed(message),
                    .query = std::string(query.name),
                    .connection_lost = true});
}

}  // namespace singularity::pgclient
