#include "pgbackend/shared.hpp"

#include "pgbackend/format.hpp"

namespace singularity::pgbackend {

void* detail::attach_segment(const char* name, std::size_t size, void (*begin)(void*)) {
    return call([=] {
        bool found = false;
        void* memory = GetNamedDSMSegment(name, size, begin, &found);
        LWLockRegisterTranche(static_cast<LockTranche*>(memory)->id, name);
        return memory;
    });
}

namespace {

// Never changed in layout, since all versions of a library use it.
struct Choice {
    explicit Choice(LockTranche tranche) noexcept : lock(tranche) {}

    SharedLock lock;
    char name[NAMEDATALEN] = {};
};

}  // namespace

void insist_on_segment(const char* family, const char* name) {
    Choice& choice = shared_segment<Choice>(family);
    const LockGuard guard(choice.lock);
    if (choice.name[0] == '\0') strlcpy(choice.name, name, sizeof(choice.name));
    if (std::strcmp(choice.name, name) == 0) return;
    throw Failure(
        ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
        pgbackend::format("sessions of this server use another version of the library for {}", family),
        pgbackend::format("They share \"{}\", this one would use \"{}\".", choice.name, name),
        "Restart the server, so that all use the same version.");
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
