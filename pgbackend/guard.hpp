// The two guards between C++ and the server: entry() where the server calls us, call() where we call it.
//
// entry() turns exceptions into ereport(ERROR), call() turns ereport(ERROR) into exceptions. Between the two,
// C++ is as usual: destructors run, whatever happens. A server function that may report an error must not be
// called there without call(): its jump would skip our frames' destructors. The server never runs a backend
// on several threads, and neither do we.
#pragma once

#include "pgbackend/error.hpp"

namespace singularity::pgbackend {

[[noreturn]] void throw_dropped_error();

// Runs `body` for a caller that is C: a function, a hook, a callback, a worker's main. What it throws is
// reported with its fields after everything between here and there has been destroyed.
template <class F>
auto entry(F&& body) -> std::invoke_result_t<F&> {
    const ErrorMark before;
    ErrorReport report;
    try {
        if constexpr (std::is_void_v<std::invoke_result_t<F&>>) {
            body();
            if (before.unsettled()) [[unlikely]]
                throw_dropped_error();
            return;
        } else {
            auto result = body();
            if (before.unsettled()) [[unlikely]]
                throw_dropped_error();
            return result;
        }
    } catch (...) {
        report.describe_current();
    }
    before.settle();
    report.raise();
}

// What a jump out of the server must find again.
class CallState {
public:
    CallState() = default;
    CallState(const CallState&) = delete;
    ~CallState() {
        PG_exception_stack = exception_stack_;
        error_context_stack = context_stack_;
    }

    // Throws the error that the server has just jumped here with.
    [[noreturn]] void throw_error() const;

private:
    sigjmp_buf* exception_stack_ = PG_exception_stack;
    ErrorContextCallback* context_stack_ = error_context_stack;
    MemoryContext memory_ = CurrentMemoryContext;
    // An error resets these to 0, which would unbalance guards that unwinding is about to destroy.
    uint32 interrupt_holdoff_ = InterruptHoldoffCount;
    uint32 cancel_holdoff_ = QueryCancelHoldoffCount;
};

// Calls the server: `body` is a function of its, or a lambda around several, and throws PgError where it
// reports an error. As an error jumps out of it, `body` and what it calls must hold nothing that has a
// destructor. Costs one sigsetjmp that saves no signals. The current memory context is put back on error
// only.
template <class F, class... Args>
auto call(F body, Args... args) -> std::invoke_result_t<F, Args...> {
    using Result = std::invoke_result_t<F, Args...>;
    static_assert(std::is_trivially_destructible_v<F>);
    static_assert((std::is_trivially_destructible_v<Args> && ...));
    static_assert(std::is_void_v<Result> || std::is_trivially_destructible_v<Result>);
    const CallState state;
    sigjmp_buf landing;
    if (sigsetjmp(landing, 0) != 0) state.throw_error();
    PG_exception_stack = &landing;
    return body(args...);
}

// To be called in every loop whose length depends on data.
inline void check_interrupts() {
    if (INTERRUPTS_PENDING_CONDITION()) [[unlikely]]
        call(ProcessInterrupts);
}

}  // namespace singularity::pgbackend
