// Memory that all sessions of a server share, found by name in the server's registry: nothing is preloaded.
//
// A segment lives until the server ends and is never changed in layout: its name ends in the layout's version
// ("sg_queue/waiters/1"), so that an upgraded library makes a new one beside it. Whatever lies in a segment
// is mapped at different addresses in different sessions: no pointers; offsets or dsa_pointer.
#pragma once

#include "pgbackend/memory.hpp"

namespace singularity::pgbackend {

// The family of locks that belongs to a segment; wait events show it under the segment's name.
struct LockTranche {
    int id;
};

template <class T>
struct Segment {
    LockTranche tranche;
    T value;
};

namespace detail {
// `tranche` must come first in the segment.
void* attach_segment(const char* name, std::size_t size, void (*begin)(void*));
}  // namespace detail

// The T of that name (at most 63 bytes, for ever), made by the first session that asks: from its LockTranche
// if it takes one, else by default. To be kept by the session:
//     static Waiters& waiters = shared_segment<Waiters>("sg_queue/waiters/1");
template <class T>
T& shared_segment(const char* name) {
    static_assert(std::is_trivially_destructible_v<T>);
    const auto begin = [](void* memory) noexcept {
        const LockTranche tranche{LWLockNewTrancheId()};
        if constexpr (std::is_constructible_v<T, LockTranche>) {
            new (memory) Segment<T>{.tranche = tranche, .value = T(tranche)};
        } else {
            new (memory) Segment<T>{.tranche = tranche, .value{}};
        }
    };
    static_assert(offsetof(Segment<T>, tranche) == 0);
    return static_cast<Segment<T>*>(detail::attach_segment(name, sizeof(Segment<T>), begin))->value;
}

// To be called before the segment `name` is asked for, where two versions of a library must not be used side
// by side: whoever came first since the server's start decides which segment of that family (at most 63
// bytes, for ever) is used. Throws 55000 where it is another one.
void insist_on_segment(const char* family, const char* name);

// A lock that lies in a segment.
class SharedLock {
public:
    explicit SharedLock(LockTranche tranche) noexcept { LWLockInitialize(&lock_, tranche.id); }
    LWLock* get() noexcept { return &lock_; }

private:
    LWLock lock_;
};

// Holds a lock for a scope, and interrupts off meanwhile: keep it short.
class LockGuard {
public:
    explicit LockGuard(SharedLock& lock, LWLockMode mode = LW_EXCLUSIVE) : lock_(lock.get()) {
        call(LWLockAcquire, lock_, mode);
    }
    LockGuard(const LockGuard&) = delete;
    ~LockGuard() { LWLockRelease(lock_); }

private:
    LWLock* lock_;
};

// A heap that grows in shared memory; a member of what lies in a segment.
class SharedHeap {
public:
    explicit SharedHeap(LockTranche tranche) noexcept : tranche_(tranche), lock_(tranche) {}

    // This session's way into it, valid for the session's life and to be kept: a second attachment of the
    // same session is refused by the server.
    dsa_area* attach();

private:
    LockTranche tranche_;
    SharedLock lock_;
    dsa_handle handle_ = DSA_HANDLE_INVALID;
};

}  // namespace singularity::pgbackend
