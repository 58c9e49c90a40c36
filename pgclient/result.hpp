// One statement's result: cells in binary form. Owns the libpq result it was made from.
#pragma once

#include "pgclient/types.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

struct pg_result;

namespace singularity::pgclient {

struct Cell {
    bool is_null = true;
    std::span<const std::byte> bytes;  // valid as long as the result
};

class Result {
public:
    Result() = default;  // no rows, no columns
    explicit Result(pg_result* owned);

    std::size_t rows() const;
    std::size_t columns() const;
    std::string_view column_name(std::size_t column) const;
    Oid column_type(std::size_t column) const;
    Cell cell(std::size_t row, std::size_t column) const;

    std::string_view tag() const;    // "INSERT 0 1", as the server ended the command
    std::uint64_t affected() const;  // rows inserted, updated, deleted, merged or selected; else 0
    const pg_result* native() const { return result_.get(); }

private:
    struct Clear {
        void operator()(pg_result* result) const;
    };
    std::unique_ptr<pg_result, Clear> result_;
};

}  // namespace singularity::pgclient
