#include "pgbackend/subtransaction.hpp"

namespace singularity::pgbackend {

Subtransaction::Subtransaction() {
    call(BeginInternalSubTransaction, static_cast<const char*>(nullptr));
    MemoryContextSwitchTo(memory_);
}

void Subtransaction::commit() {
    call(ReleaseCurrentSubTransaction);
    restore();
}

void Subtransaction::roll_back() {
    call(RollbackAndReleaseCurrentSubTransaction);
    restore();
}

void Subtransaction::restore() const noexcept {
    MemoryContextSwitchTo(memory_);
    CurrentResourceOwner = owner_;
}

}  // namespace singularity::pgbackend
