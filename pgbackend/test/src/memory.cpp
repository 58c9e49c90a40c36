// Objects in the server's memory contexts.
#include "pgbackend/function.hpp"
#include "pgbackend/test/src/live.hpp"

namespace singularity::pgbackend {

// Leaves a living object in the subtransaction's memory, then fails if it is told to.
SG_FUNCTION(bridge_make_live) {
    make_in<Live>(CurTransactionContext);
    if (fn.arg<bool>(0)) throw Failure(ERRCODE_RAISE_EXCEPTION, "made one");
    return fn.ret(std::int32_t{Live::count()});
}

SG_FUNCTION(bridge_sum_in_context) {
    TempContext context("sum");
    std::vector<std::int64_t, PallocAllocator<std::int64_t>> values{
        PallocAllocator<std::int64_t>(context.get())};
    for (std::int64_t i = 1; i <= fn.arg<std::int64_t>(0); ++i) values.push_back(i);
    std::int64_t sum = 0;
    for (const std::int64_t value : values) sum += value;
    return fn.ret(sum);
}

// A result that is made while another context is current must not end with that.
SG_FUNCTION(bridge_text_from_scope) {
    TempContext context("scope");
    const MemoryScope scope(context.get());
    return fn.ret(std::string(fn.arg<std::int32_t>(0), 'x'));
}

}  // namespace singularity::pgbackend
