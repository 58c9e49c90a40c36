#include "extensions/sg_statistics/src/totals_row.hpp"

namespace singularity::sg_statistics {

namespace {

using Time = std::int32_t;

std::int32_t as_integer(std::int64_t number) {
    using Limits = std::numeric_limits<std::int32_t>;
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(number, Limits::min(), Limits::max()));
}

// Halves are rounded away from zero, as numeric does.
Time mean_of(std::span<const Time> times) {
    std::int64_t sum = 0;
    for (const Time time : times) sum += time;
    const auto count = static_cast<std::int64_t>(times.size());
    const std::int64_t twice = 2 * sum + (sum < 0 ? -count : count);
    return static_cast<Time>(twice / (2 * count));
}

// The smallest time that so many per cent of them do not exceed. Those from its place on are no smaller then.
Time percentile(std::span<Time> times, std::size_t per_cent, std::size_t& place) {
    const std::size_t rank = (times.size() * per_cent + 99) / 100 - 1;
    std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(rank),
                     times.begin() + static_cast<std::ptrdiff_t>(place));
    place = rank + 1;
    return times[rank];
}

void append(StringInfo json, const char* name, std::int64_t number) {
    char digits[20];
    const auto end = std::to_chars(std::begin(digits), std::end(digits), number).ptr;
    appendStringInfoString(json, name);
    appendBinaryStringInfo(json, digits, static_cast<int>(end - digits));
}

// The shortest text that gives the same number again.
void append(StringInfo json, const char* name, std::optional<double> number) {
    char digits[32];
    appendStringInfoString(json, name);
    if (!number) return appendStringInfoString(json, "null");
    const auto end = std::to_chars(std::begin(digits), std::end(digits), *number).ptr;
    appendBinaryStringInfo(json, digits, static_cast<int>(end - digits));
}

void append(StringInfo json, const LanguageTotals& language) {
    const Moments& times = language.log_times;
    escape_json(json, pnstrdup(language.name.data(), language.name.size()));
    append(json, ":{\"ended\":", language.ended);
    append(json, ",\"failed\":", language.failed);
    append(json, ",\"timed\":", times.count);
    append(json, ",\"log_mean\":", times.count > 0 ? std::optional(times.mean) : std::nullopt);
    append(json, ",\"log_variance\":", times.count > 1 ? std::optional(times.variance()) : std::nullopt);
    appendStringInfoChar(json, '}');
}

Datum as_jsonb(std::span<const LanguageTotals> languages) {
    StringInfoData json;
    initStringInfo(&json);
    char before = '{';
    for (const LanguageTotals& language : languages) {
        appendStringInfoChar(&json, before);
        append(&json, language);
        before = ',';
    }
    appendStringInfoString(&json, languages.empty() ? "{}" : "}");
    return DirectFunctionCall1(jsonb_in, CStringGetDatum(json.data));
}

}  // namespace

Datum row_of(JobTotals& totals, TupleDesc columns) {
    constexpr std::size_t kPerCent[] = {99, 95, 50};
    enum Column { completed, failed, average, p50, p95, p99, memory, languages, count };
    Datum values[Column::count] = {};
    bool nulls[Column::count] = {};
    std::int64_t all_ended = 0, all_failed = 0;
    for (const LanguageTotals& language : totals.languages()) {
        all_ended += language.ended;
        all_failed += language.failed;
    }
    values[completed] = Int32GetDatum(as_integer(all_ended - all_failed));
    values[failed] = Int32GetDatum(as_integer(all_failed));
    const std::span<Time> times = totals.times();
    if (times.empty()) {
        nulls[average] = nulls[p50] = nulls[p95] = nulls[p99] = true;
    } else {
        values[average] = Int32GetDatum(mean_of(times));
        std::size_t place = times.size();
        for (int i = 0; i < 3; ++i) values[p99 - i] = Int32GetDatum(percentile(times, kPerCent[i], place));
    }
    nulls[memory] = !totals.megabytes();
    values[memory] = Int32GetDatum(as_integer(totals.megabytes().value_or(0)));
    values[languages] = as_jsonb(totals.languages());
    return HeapTupleGetDatum(heap_form_tuple(columns, values, nulls));
}

}  // namespace singularity::sg_statistics
