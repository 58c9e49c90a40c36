#include "extensions/sg_statistics/src/job_totals.hpp"

namespace singularity::sg_statistics {

namespace {

constexpr std::size_t kMostLanguages = 100;
constexpr std::string_view kOther = "other";

}  // namespace

void Moments::add(double value) noexcept {
    ++count;
    const double distance = value - mean;
    mean += distance / static_cast<double>(count);
    squares += distance * (value - mean);
}

void Moments::join(const Moments& other) noexcept {
    if (other.count == 0) return;
    const auto mine = static_cast<double>(count), theirs = static_cast<double>(other.count);
    const double distance = other.mean - mean;
    count += other.count;
    mean += distance * theirs / (mine + theirs);
    squares += other.squares + distance * distance * mine * theirs / (mine + theirs);
}

// Jobs of a language tend to follow each other, and languages are few, unless somebody makes names up.
LanguageTotals& JobTotals::of(std::string_view language) {
    const auto known = languages_.all();
    if (latest_ < known.size() && known[latest_].name == language) return known[latest_];
    const auto found = std::ranges::find(known, language, &LanguageTotals::name);
    latest_ = static_cast<std::size_t>(found - known.begin());
    if (found != known.end()) return *found;
    if (known.size() >= kMostLanguages && language != kOther) return of(kOther);
    auto* name = static_cast<char*>(MemoryContextAlloc(context_, language.size()));
    std::ranges::copy(language, name);
    return languages_.add(context_, {.name = {name, language.size()}, .log_times = {}});
}

void JobTotals::add(std::string_view language, bool failed, std::optional<std::int32_t> milliseconds,
                    std::optional<std::int32_t> megabytes) {
    LanguageTotals& mine = of(language);
    ++mine.ended;
    if (failed) ++mine.failed;
    else if (milliseconds && *milliseconds >= 0) mine.log_times.add(std::log(*milliseconds + 1.0));
    if (milliseconds) times_.add(context_, *milliseconds);
    join_memory(megabytes);
}

void JobTotals::join(const JobTotals& other) {
    for (const LanguageTotals& theirs : other.languages()) join_language(theirs);
    join_times(other.times());
    join_memory(other.megabytes());
}

void JobTotals::join_language(const LanguageTotals& totals) {
    LanguageTotals& mine = of(totals.name);
    mine.ended += totals.ended;
    mine.failed += totals.failed;
    mine.log_times.join(totals.log_times);
}

void JobTotals::join_memory(std::optional<std::int64_t> megabytes) noexcept {
    if (megabytes) megabytes_ = megabytes_.value_or(0) + *megabytes;
}

}  // namespace singularity::sg_statistics
