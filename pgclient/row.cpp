#include "pgclient/row.hpp"
#include "core/format.hpp"

namespace singularity::pgclient {

namespace {

DbError mismatch(Query query, std::string_view sqlstate, std::string message, std::string hint = {}) {
    return DbError({.cause = Cause::mismatch,
                    .sqlstate = std::string(sqlstate),
                    .message = std::move(message),
                    .hint = std::move(hint),
                    .query = std::string(query.name)});
}

std::string expected_type(const ColumnShape& column) {
    return std::string(column.type) + (column.is_array ? "[]" : "");
}

std::string list_columns(const Result& result) {
    std::string names;
    for (std::size_t i = 0; i < result.columns(); ++i) {
        names += (i == 0 ? "" : ", ") + std::string(result.column_name(i));
    }
    return names.empty() ? "none" : names;
}

}  // namespace

void check_columns(Query query, RowShape shape, const Result& result) {
    if (result.columns() != shape.size()) {
        throw mismatch(query, kTypeMismatch,
                       core::format("the row type has {} members, the result {} columns: {}", shape.size(),
                                    result.columns(), list_columns(result)));
    }
    for (std::size_t i = 0; i < shape.size(); ++i) {
        const std::string_view name = result.column_name(i);
        const ColumnShape& column = shape[i];
        if (!column.member.empty() && column.member != name) {
            throw mismatch(query, kTypeMismatch,
                           core::format("column {} is \"{}\", the row type's member is \"{}\"", i + 1, name,
                                        column.member));
        }
        if (!column.reads(result.column_type(i))) {
            throw mismatch(query, kTypeMismatch,
                           core::format("column \"{}\" is {}, the row type reads {}", name,
                                        type_name(result.column_type(i)), expected_type(column)),
                           core::format("Cast the column to {} in the query, or change the row type.",
                                        expected_type(column)));
        }
    }
}

void throw_unexpected_null(Query query, const Result& result, std::size_t column) {
    throw mismatch(
        query, kUnexpectedNull,
        core::format("column \"{}\" is NULL, which its member can't be", result.column_name(column)),
        "Make the member a std::optional, or exclude NULL in the query.");
}

void throw_bad_value(Query query, const Result& result, std::size_t column, const BadValue& why) {
    throw mismatch(
        query, kBadBinary,
        core::format("column \"{}\" ({}) has a value that can't be read: {}", result.column_name(column),
                     type_name(result.column_type(column)), why.what()));
}

}  // namespace singularity::pgclient
