// The rows of a set-returning function, collected in a tuplestore (SFRM_Materialize).
#pragma once

#include "pgbackend/function.hpp"

namespace singularity::pgbackend {

// Begins empty. A function that made one returns fn.nothing(). Rows beyond work_mem go to disk.
class ResultSet {
public:
    explicit ResultSet(const FunctionCall& fn);

    // Adds a row: a value a column, of exactly the column's types, as the first row proves (42804).
    template <class... Columns>
    void add(const Columns&... columns) {
        if (!checked_) check({std::array<Oid, sizeof...(Columns)>{oid_of<Columns>...}});
        row_context_.reset();
        const NullableDatum data[] = {to_datum(columns, row_context_.get())...};
        put(data);
    }

private:
    void check(std::span<const Oid> columns);
    void put(std::span<const NullableDatum> columns);

    ReturnSetInfo* result_;
    TempContext row_context_;
    bool checked_ = false;
};

}  // namespace singularity::pgbackend
