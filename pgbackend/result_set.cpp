#include "pgbackend/result_set.hpp"

namespace singularity::pgbackend {
namespace {

// A set of single values has no row type to ask for: its one column is what the caller expects.
void begin_tuplestore(FunctionCallInfo info) {
    const bool composite = get_call_result_type(info, nullptr, nullptr) == TYPEFUNC_COMPOSITE;
    InitMaterializedSRF(info, composite ? 0 : MAT_SRF_USE_EXPECTED_DESC);
}

}  // namespace

ResultSet::ResultSet(const FunctionCall& fn)
    : result_((call(begin_tuplestore, fn.info()), reinterpret_cast<ReturnSetInfo*>(fn.info()->resultinfo))),
      row_context_("result row") {}

void ResultSet::check(std::span<const Oid> columns) {
    TupleDesc expected = result_->setDesc;
    bool same = static_cast<std::size_t>(expected->natts) == columns.size();
    for (int i = 0; same && i < expected->natts; ++i) {
        same = getBaseType(TupleDescAttr(expected, i)->atttypid) == columns[static_cast<std::size_t>(i)];
    }
    if (!same)
        throw Failure(ERRCODE_DATATYPE_MISMATCH, "function's rows differ from what it is declared to return");
    checked_ = true;
}

void ResultSet::put(std::span<const NullableDatum> columns) {
    Datum values[MaxTupleAttributeNumber];
    bool nulls[MaxTupleAttributeNumber];
    for (std::size_t i = 0; i < columns.size(); ++i) {
        values[i] = columns[i].value;
        nulls[i] = columns[i].isnull;
    }
    call(tuplestore_putvalues, result_->setResult, result_->setDesc, values, nulls);
}

}  // namespace singularity::pgbackend
