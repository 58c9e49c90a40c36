// attempt(): the one place where a server's error may end other than by being raised again.
//
// An error leaves locks, pins, nested SPI connections and more behind, which only a rollback cleans up.
#pragma once

#include "pgbackend/guard.hpp"

namespace singularity::pgbackend {

class Subtransaction {
public:
    Subtransaction();
    Subtransaction(const Subtransaction&) = delete;

    // One of the two ends it, and puts memory context and resource owner back.
    void commit();
    void roll_back();

private:
    void restore() const noexcept;

    MemoryContext memory_ = CurrentMemoryContext;
    ResourceOwner owner_ = CurrentResourceOwner;
};

// Runs `body` in a subtransaction, which is committed when it returns. Where it throws, all that it did is
// rolled back; a server's error is then the result, anything else is thrown on. So is a cancelled statement:
// it is not the caller's to survive. No SharedLock may be held here: a rollback releases them all.
template <class F>
auto attempt(F&& body) -> std::expected<std::invoke_result_t<F&>, PgError> {
    const ErrorMark before;
    Subtransaction inner;
    try {
        if constexpr (std::is_void_v<std::invoke_result_t<F&>>) {
            body();
            if (before.unsettled()) throw_dropped_error();
            inner.commit();
            return {};
        } else {
            auto result = body();
            if (before.unsettled()) throw_dropped_error();
            inner.commit();
            return result;
        }
    } catch (PgError& error) {
        inner.roll_back();
        if (error.is_cancel()) throw;
        before.settle();
        return std::unexpected(std::move(error));
    } catch (...) {
        inner.roll_back();
        before.settle();
        throw;
    }
}

}  // namespace singularity::pgbackend
