#include "extensions/sg_queue/src/waiting.hpp"

#include "pgbackend/format.hpp"

namespace singularity::queue {

void refuse_to_wait_here(const pg::FunctionCall& fn, const char* procedure) {
    if (!fn.may_commit()) {
        throw pg::Failure(ERRCODE_INVALID_TRANSACTION_TERMINATION,
                          pg::format("{} cannot run in a transaction", procedure), {},
                          "Call it by itself: a transaction that waits would hold back vacuum.");
    }
    pg::call(PreventCommandDuringRecovery, procedure);
}

Time deadline_from(const pg::FunctionCall& fn, int argument) {
    const auto seconds = fn.arg<std::optional<double>>(argument).value_or(0);
    if (seconds >= 0 && seconds <= 1e9) {
        return GetCurrentTimestamp() + static_cast<Time>(seconds * static_cast<double>(USECS_PER_SEC));
    }
    throw pg::Failure(ERRCODE_INVALID_PARAMETER_VALUE,
                      "timeout must be between 0 and a thousand million seconds");
}

Datum row_of(const pg::FunctionCall& fn, NullableDatum value) {
    return pg::call([info = fn.info(), value] {
        TupleDesc columns = nullptr;
        get_call_result_type(info, nullptr, &columns);
        return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(columns), &value.value, &value.isnull));
    });
}

}  // namespace singularity::queue
