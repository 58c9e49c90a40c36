#include "pgbackend/shared.hpp"

namespace singularity::pgbackend {

void* detail::attach_segment(const char* name, std::size_t size, void (*begin)(void*)) {
    return call([=] {
        bool found = false;
        void* memory = GetNamedDSMSegment(name, size, begin, &found);
        LWLockRegisterTranche(static_cast<LockTranche*>(memory)->id, name);
        return memory;
    });
}

dsa_area* SharedHeap::attach() {
    const LockGuard guard(lock_);
    const MemoryScope for_life(TopMemoryContext);
    return call([this] {
        dsa_area* area = nullptr;
        if (handle_ == DSA_HANDLE_INVALID) {
            area = dsa_create(tranche_.id);
            dsa_pin(area);
            handle_ = dsa_get_handle(area);
        } else {
            area = dsa_attach(handle_);
        }
        dsa_pin_mapping(area);
        return area;
    });
}

}  // namespace singularity::pgbackend
