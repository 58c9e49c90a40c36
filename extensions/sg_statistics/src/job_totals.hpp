// What is known of the jobs of a window while they are summed up.
//
// It lives in an aggregate's memory context, whose end frees it without a word: nothing here has a
// destructor.
#pragma once

#include "extensions/sg_statistics/src/postgres.hpp"

namespace singularity::sg_statistics {

// An array of a memory context that grows.
template <class T>
class Items {
public:
    // May not return: out of memory is the server's error.
    T& add(MemoryContext context, const T& item) {
        if (size_ == capacity_) grow(context, std::max<std::size_t>(kLeast, 2 * capacity_));
        return items_[size_++] = item;
    }
    void append(MemoryContext context, std::span<const T> items) {
        if (items.empty()) return;
        if (size_ + items.size() > capacity_) grow(context, std::max(size_ + items.size(), 2 * capacity_));
        std::ranges::copy(items, items_ + size_);
        size_ += items.size();
    }
    std::span<T> all() const noexcept { return {items_, size_}; }

private:
    static constexpr std::size_t kLeast = 8;

    void grow(MemoryContext context, std::size_t capacity) {
        const std::size_t bytes = capacity * sizeof(T);
        items_ = static_cast<T*>(items_ == nullptr ? MemoryContextAllocHuge(context, bytes)
                                                   : repalloc_huge(items_, bytes));
        capacity_ = capacity;
    }

    T* items_ = nullptr;
    std::size_t size_ = 0, capacity_ = 0;
};

// Mean and sample variance, by Welford; joined as Chan, Golub and LeVeque do.
struct Moments {
    std::int64_t count = 0;
    double mean = 0, squares = 0;  // of the distances from it

    void add(double value) noexcept;
    void join(const Moments& other) noexcept;
    double variance() const noexcept { return squares / static_cast<double>(count - 1); }  // of two or more
};

struct LanguageTotals {
    std::string_view name;
    std::int64_t ended = 0, failed = 0;
    Moments log_times;  // of ln(ms + 1) of completed jobs
};

class JobTotals {
public:
    explicit JobTotals(MemoryContext context) noexcept : context_(context) {}

    void add(std::string_view language, bool failed, std::optional<std::int32_t> milliseconds,
             std::optional<std::int32_t> megabytes);
    void join(const JobTotals& other);
    void join_language(const LanguageTotals& totals);
    void join_times(std::span<const std::int32_t> milliseconds) { times_.append(context_, milliseconds); }
    void join_memory(std::optional<std::int64_t> megabytes) noexcept;

    std::span<const LanguageTotals> languages() const noexcept { return languages_.all(); }
    // Milliseconds of completed and failed jobs, in any order, which may be changed.
    std::span<std::int32_t> times() const noexcept { return times_.all(); }
    std::optional<std::int64_t> megabytes() const noexcept { return megabytes_; }

private:
    LanguageTotals& of(std::string_view language);

    MemoryContext context_;
    Items<LanguageTotals> languages_;
    Items<std::int32_t> times_;
    std::optional<std::int64_t> megabytes_;
    std::size_t latest_ = 0;  // language
};

}  // namespace singularity::sg_statistics
