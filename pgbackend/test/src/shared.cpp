#include "pgbackend/test/src/shared.hpp"

#include "pgbackend/function.hpp"
#include "pgbackend/subtransaction.hpp"

namespace singularity::pgbackend {
namespace {

dsa_area* heap() {
    static dsa_area* area = board().heap.attach();
    return area;
}

}  // namespace

SG_FUNCTION(bridge_write_note) {
    const auto text = fn.arg<std::string_view>(0);
    const LockGuard guard(board().lock);
    const dsa_pointer note = call([size = text.size() + 1] { return dsa_allocate0(heap(), size); });
    std::ranges::copy(text, static_cast<char*>(dsa_get_address(heap(), note)));
    if (DsaPointerIsValid(board().note)) dsa_free(heap(), board().note);
    board().note = note;
    return fn.nothing();
}

SG_FUNCTION(bridge_read_note) {
    const LockGuard guard(board().lock, LW_SHARED);
    if (!DsaPointerIsValid(board().note)) return fn.null();
    return fn.ret(static_cast<const char*>(dsa_get_address(heap(), board().note)));
}

SG_FUNCTION(bridge_lock_name) {
    return fn.ret(GetLWLockIdentifier(PG_WAIT_LWLOCK, static_cast<uint16>(board().tranche_id)));
}

SG_FUNCTION(bridge_fail_under_lock) {
    const LockGuard guard(board().lock);
    call([] { ereport(ERROR, (errcode(ERRCODE_RAISE_EXCEPTION), errmsg("held a lock"))); });
    return fn.nothing();
}

// How many holds on interrupts are left after that error has ended in a subtransaction.
SG_FUNCTION(bridge_attempt_under_lock) {
    const auto outcome = attempt([] {
        const LockGuard guard(board().lock);
        call([] { ereport(ERROR, (errmsg("held a lock"))); });
    });
    return outcome ? fn.null() : fn.ret(static_cast<std::int64_t>(InterruptHoldoffCount));
}

SG_FUNCTION(bridge_interrupts_held) {
    return fn.ret(static_cast<std::int32_t>(InterruptHoldoffCount + QueryCancelHoldoffCount));
}

}  // namespace singularity::pgbackend
