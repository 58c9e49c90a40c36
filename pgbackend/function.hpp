// A function that SQL calls: SG_FUNCTION defines it, FunctionCall gives it its arguments.
//
//     SG_FUNCTION(sg_queue_archive) {
//         const auto queue = fn.arg<std::string_view>(0);
//         return fn.ret(archive(queue, fn.arg<std::span<const std::int64_t>>(1)));
//     }
//
// The body runs inside entry(): it may throw, and calls the server through call().
#pragma once

#include "pgbackend/array.hpp"

namespace singularity::pgbackend {

// One call. Arguments are counted from 0; results are allocated in the context that was current at its begin,
// so that they survive scopes of the body.
class FunctionCall {
public:
    explicit FunctionCall(FunctionCallInfo info) noexcept : info_(info) {}

    int count() const noexcept { return info_->nargs; }
    bool is_null(int number) const noexcept { return info_->args[number].isnull; }

    // Throws 22004 for a null where T is not an std::optional.
    template <class T>
    T arg(int number) const {
        return from_datum<T>(info_->args[number], "argument", number);
    }

    template <class T>
    Datum ret(const T& value) const {
        const NullableDatum datum = to_datum(value, result_context_);
        info_->isnull = datum.isnull;
        return datum.value;
    }
    Datum null() const noexcept {
        info_->isnull = true;
        return Datum{0};
    }
    // For functions that return void, and set-returning ones whose rows went to a ResultSet.
    Datum nothing() const noexcept { return Datum{0}; }

    // Whether this is a CALL at top level, which may commit (Spi::commit()).
    bool may_commit() const noexcept {
        return info_->context != nullptr && IsA(info_->context, CallContext) &&
               !reinterpret_cast<CallContext*>(info_->context)->atomic;
    }

    FunctionCallInfo info() const noexcept { return info_; }

private:
    FunctionCallInfo info_;
    MemoryContext result_context_ = CurrentMemoryContext;
};

}  // namespace singularity::pgbackend

// Defines the function that SQL knows as `name` of this library: entry point, version record, and the head of
// its body, which sees the call as `fn`.
#define SG_FUNCTION(name)                                                 \
    static Datum name##_body(::singularity::pgbackend::FunctionCall& fn); \
    extern "C" {                                                          \
    PG_FUNCTION_INFO_V1(name);                                            \
    }                                                                     \
    extern "C" Datum name(FunctionCallInfo fcinfo) {                      \
        return ::singularity::pgbackend::entry([fcinfo] {                 \
            ::singularity::pgbackend::FunctionCall fn(fcinfo);            \
            return name##_body(fn);                                       \
        });                                                               \
    }                                                                     \
    static Datum name##_body([[maybe_unused]] ::singularity::pgbackend::FunctionCall& fn)
