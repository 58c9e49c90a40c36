// Memory of the server's contexts, owned as C++ owns things.
//
// A context's end frees what is in it without a word to C++; so objects that live in one either have no
// destructor, or are made by make_in(), which hears of the end. No allocation here jumps: what fails throws
// std::bad_alloc.
#pragma once

#include "pgbackend/guard.hpp"

namespace singularity::pgbackend {

// Uninitialised memory of `context`, freed with it or by pfree(). More than 1 GB is possible.
inline void* allocate(std::size_t size, MemoryContext context = CurrentMemoryContext) {
    void* memory = size > MaxAllocHugeSize
                       ? nullptr
                       : MemoryContextAllocExtended(context, size, MCXT_ALLOC_HUGE | MCXT_ALLOC_NO_OOM);
    if (memory == nullptr) [[unlikely]]
        throw std::bad_alloc();
    return memory;
}

// Makes `context` the current one for a scope.
class MemoryScope {
public:
    explicit MemoryScope(MemoryContext context) noexcept : before_(MemoryContextSwitchTo(context)) {}
    MemoryScope(const MemoryScope&) = delete;
    ~MemoryScope() { MemoryContextSwitchTo(before_); }

private:
    MemoryContext before_;
};

// A context that ends with its scope: for what a loop's round allocates. `name` must outlive it. It does not
// become the current one by itself.
class TempContext {
public:
    explicit TempContext(const char* name, MemoryContext parent = CurrentMemoryContext)
        : context_(call(AllocSetContextCreateInternal, parent, name, Size{ALLOCSET_DEFAULT_MINSIZE},
                        Size{ALLOCSET_DEFAULT_INITSIZE}, Size{ALLOCSET_DEFAULT_MAXSIZE})) {}
    TempContext(const TempContext&) = delete;
    ~TempContext() { MemoryContextDelete(context_); }

    MemoryContext get() const noexcept { return context_; }
    void reset() noexcept { MemoryContextReset(context_); }

private:
    MemoryContext context_;
};

// Makes a T in `context` that is destroyed when the context is reset or deleted, also by an error.
template <class T, class... Args>
T& make_in(MemoryContext context, Args&&... args) {
    static_assert(alignof(T) <= MAXIMUM_ALIGNOF);
    struct Holder {
        MemoryContextCallback callback;
        alignas(T) std::byte object[sizeof(T)];
    };
    auto* holder = static_cast<Holder*>(allocate(sizeof(Holder), context));
    T* object = nullptr;
    try {
        object = new (holder->object) T(std::forward<Args>(args)...);
    } catch (...) {
        pfree(holder);
        throw;
    }
    holder->callback.arg = object;
    holder->callback.func = [](void* ended) { static_cast<T*>(ended)->~T(); };
    MemoryContextRegisterResetCallback(context, &holder->callback);
    return *object;
}

// Lets a standard container live in a context. The container must not outlive it.
template <class T>
class PallocAllocator {
public:
    using value_type = T;

    explicit PallocAllocator(MemoryContext context = CurrentMemoryContext) noexcept : context_(context) {}
    template <class U>
    PallocAllocator(const PallocAllocator<U>& other) noexcept : context_(other.context()) {}

    T* allocate(std::size_t count) {
        static_assert(alignof(T) <= MAXIMUM_ALIGNOF);
        if (count > MaxAllocHugeSize / sizeof(T)) throw std::bad_array_new_length();
        return static_cast<T*>(pgbackend::allocate(count * sizeof(T), context_));
    }
    void deallocate(T* memory, std::size_t) noexcept { pfree(memory); }

    MemoryContext context() const noexcept { return context_; }
    bool operator==(const PallocAllocator&) const = default;

private:
    MemoryContext context_;
};

}  // namespace singularity::pgbackend
