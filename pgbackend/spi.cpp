#include "pgbackend/spi.hpp"

#include "pgbackend/format.hpp"

namespace singularity::pgbackend {
namespace {

// The interface reports misuse by codes, everything else by errors.
int checked(int code) {
    if (code < 0) {
        throw Failure(ERRCODE_INTERNAL_ERROR,
                      pgbackend::format("the server refused a statement: {}", SPI_result_code_string(code)));
    }
    return code;
}

}  // namespace

Spi::Spi(Mode mode) {
    checked(call(SPI_connect_ext, mode == Mode::may_commit ? SPI_OPT_NONATOMIC : 0));
    memory_ = MemoryContextSwitchTo(before_);
}

SPIPlanPtr Spi::prepare(const char* sql, std::span<const Oid> types) {
    const MemoryScope scope(CurrentMemoryContext);
    return call([=] {
        SPIPlanPtr plan = SPI_prepare(sql, static_cast<int>(types.size()), const_cast<Oid*>(types.data()));
        if (plan == nullptr)
            elog(ERROR, "cannot prepare a statement: %s", SPI_result_code_string(SPI_result));
        SPI_keepplan(plan);
        return plan;
    });
}

Rows Spi::run_plan(SPIPlanPtr plan, const Datum* values, const char* nulls) {
    const MemoryScope scope(CurrentMemoryContext);
    checked(call(SPI_execute_plan, plan, const_cast<Datum*>(values), nulls, false, 0L));
    return Rows();
}

Rows Spi::run_once(const char* sql, std::span<const Oid> types, const Datum* values, const char* nulls) {
    const MemoryScope scope(CurrentMemoryContext);
    checked(types.empty()
                ? call(SPI_execute, sql, false, 0L)
                : call(SPI_execute_with_args, sql, static_cast<int>(types.size()),
                       const_cast<Oid*>(types.data()), const_cast<Datum*>(values), nulls, false, 0L));
    return Rows();
}

void Spi::commit() {
    const MemoryScope scope(CurrentMemoryContext);
    call(SPI_commit);
}

NullableDatum Row::value(int column, Oid type) const {
    if (column < 0 || column >= columns_->natts) {
        throw Failure(ERRCODE_INTERNAL_ERROR, pgbackend::format("column {} was asked for, there are {}",
                                                                column + 1, columns_->natts));
    }
    const Oid actual = TupleDescAttr(columns_, column)->atttypid;
    if (actual != type && call(getBaseType, actual) != type) {
        throw Failure(ERRCODE_DATATYPE_MISMATCH,
                      pgbackend::format("column {} has type {} instead of {}", column + 1, actual, type));
    }
    NullableDatum datum;
    datum.value = SPI_getbinval(tuple_, columns_, column + 1, &datum.isnull);
    return datum;
}

}  // namespace singularity::pgbackend
