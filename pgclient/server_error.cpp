#include "pgclient/server_error.hpp"

#include <libpq-fe.h>

#include <charconv>
#include <ranges>

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

void append(std::string& text, std::string_view part, std::string_view separator) {
    if (part.empty() || text.ends_with(part)) return;
    if (!text.empty()) text += separator;
    text += part;
}

ErrorFields without_server(std::string_view libpq_message, std::string_view sqlstate) {
    ErrorFields fields{
        .cause = Cause::connection, .sqlstate = std::string(sqlstate), .connection_lost = true};
    for (const auto range : std::views::split(libpq_message, '\n')) {
        const std::string_view line(range.begin(), range.end());
        if (line.starts_with('\t')) append(fields.hint, line.substr(1), " ");
        else append(fields.message, line, "; ");
    }
    return fields;
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

DbError connection_error(Query query, std::string_view libpq_message) {
    ErrorFields fields = without_server(libpq_message, kConnectionLost);
    fields.query = query.name;
    return DbError(std::move(fields));
}

DbError connect_failure(std::string_view libpq_message) {
    return DbError(without_server(libpq_message, kConnectFailed));
}

}  // namespace singularity::pgclient
