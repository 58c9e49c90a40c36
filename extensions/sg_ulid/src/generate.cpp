// The generators: ids by the clock alone, and ids from the server's one sequence.
#include "extensions/sg_ulid/src/random.hpp"
#include "extensions/sg_ulid/src/sequence.hpp"
#include "extensions/sg_ulid/src/value.hpp"

namespace singularity::sg_ulid {
namespace {

// Milliseconds that an operator may push the sequence ahead of the clock: an id from a clock gone wrong
// by years would otherwise stamp every later id.
constexpr std::uint64_t kMaxAdvance = std::uint64_t{24} * 60 * 60 * 1000;

algo::Ulid ulid_with_random_half(std::uint64_t tick) {
    return algo::ulid_at_tick(tick, take_random<8>());
}

// What gen_ulids() keeps between its rows: ticks are reserved in blocks, as they are needed.
struct Series {
    std::uint64_t remaining;
    std::uint64_t next = 0, end = 0;  // of the current block
};

std::uint64_t next_tick(Series& series) {
    if (series.next == series.end) {
        const std::uint64_t count = std::min(series.remaining, algo::kUlidMaxBlock);
        series.next = reserve_ticks(count);
        series.end = series.next + count;
    }
    --series.remaining;
    return series.next++;
}

void begin_series(FunctionCallInfo fcinfo) {
    const std::int64_t count = PG_GETARG_INT64(0);
    if (count < 0) {
        ereport(ERROR,
                (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("number of ULIDs must not be negative"),
                 errdetail("%lld were asked for.", static_cast<long long>(count))));
    }
    FuncCallContext* context = SRF_FIRSTCALL_INIT();
    void* memory = MemoryContextAlloc(context->multi_call_memory_ctx, sizeof(Series));
    context->user_fctx = new (memory) Series{.remaining = static_cast<std::uint64_t>(count)};
}

}  // namespace

SG_FUNCTION(sg_ulid_gen) {
    return ulid_result(algo::Ulid::from_parts(clock_milliseconds(), take_random<10>()));
}

SG_FUNCTION(sg_ulid_gen_monotonic) {
    return ulid_result(ulid_with_random_half(reserve_ticks(1)));
}

SG_FUNCTION(sg_ulid_gen_many) {
    if (SRF_IS_FIRSTCALL()) begin_series(fcinfo);
    FuncCallContext* context = SRF_PERCALL_SETUP();
    auto& series = *static_cast<Series*>(context->user_fctx);
    if (series.remaining == 0) SRF_RETURN_DONE(context);
    SRF_RETURN_NEXT(context, ulid_result(ulid_with_random_half(next_tick(series))));
}

// Tells the planner how many rows gen_ulids(n) returns, where n is known.
SG_FUNCTION(sg_ulid_gen_many_support) {
    auto* request = reinterpret_cast<Node*>(PG_GETARG_POINTER(0));
    if (!IsA(request, SupportRequestRows)) PG_RETURN_POINTER(nullptr);
    auto* rows = reinterpret_cast<SupportRequestRows*>(request);
    if (!is_funcclause(rows->node)) PG_RETURN_POINTER(nullptr);
    auto* call = reinterpret_cast<FuncExpr*>(rows->node);
    Node* count = estimate_expression_value(rows->root, static_cast<Node*>(linitial(call->args)));
    if (!IsA(count, Const)) PG_RETURN_POINTER(nullptr);
    const auto* constant = reinterpret_cast<Const*>(count);
    rows->rows = constant->constisnull ? 0.0 : static_cast<double>(DatumGetInt64(constant->constvalue));
    PG_RETURN_POINTER(rows);
}

SG_FUNCTION(sg_ulid_monotonic_ahead) {
    auto* ahead = static_cast<Interval*>(palloc0(sizeof(Interval)));
    ahead->time = static_cast<TimeOffset>(algo::ulid_tick_ahead(last_tick(), clock_milliseconds())) * 1000;
    PG_RETURN_INTERVAL_P(ahead);
}

SG_FUNCTION(sg_ulid_monotonic_advance) {
    const algo::Ulid& past = ulid_argument(fcinfo, 0);
    const std::uint64_t tick = algo::ulid_tick_of(past);
    if (algo::ulid_tick_ahead(tick, clock_milliseconds()) > kMaxAdvance) {
        ereport(ERROR,
                (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                 errmsg("cannot advance the sequence of ULIDs by more than a day past the clock"),
                 errdetail("All later monotonic ULIDs would carry that time."),
                 errhint("Check the system's clock, and that the ULID was not made from some other value.")));
    }
    PG_RETURN_BOOL(advance_past(tick));
}

}  // namespace singularity::sg_ulid
