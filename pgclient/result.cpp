#include "pgclient/result.hpp"

#include <libpq-fe.h>

#include <charconv>

namespace singularity::pgclient {

void Result::Clear::operator()(pg_result* result) const {
    PQclear(result);
}

Result::Result(pg_result* owned) : result_(owned) {}

std::size_t Result::rows() const {
    return static_cast<std::size_t>(PQntuples(result_.get()));
}

std::size_t Result::columns() const {
    return static_cast<std::size_t>(PQnfields(result_.get()));
}

std::string_view Result::column_name(std::size_t column) const {
    return PQfname(result_.get(), static_cast<int>(column));
}

Oid Result::column_type(std::size_t column) const {
    return PQftype(result_.get(), static_cast<int>(column));
}

Cell Result::cell(std::size_t row, std::size_t column) const {
    const int r = static_cast<int>(row);
    const int c = static_cast<int>(column);
    const auto size = static_cast<std::size_t>(PQgetlength(result_.get(), r, c));
    if (size == 0 && PQgetisnull(result_.get(), r, c)) return {};
    const auto* data = reinterpret_cast<const std::byte*>(PQgetvalue(result_.get(), r, c));
    return {.is_null = false, .bytes = {data, size}};
}

std::string_view Result::tag() const {
    return result_ ? PQcmdStatus(result_.get()) : "";
}

std::uint64_t Result::affected() const {
    const std::string_view digits = result_ ? PQcmdTuples(result_.get()) : "";
    std::uint64_t count = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), count);
    return count;
}

}  // namespace singularity::pgclient
