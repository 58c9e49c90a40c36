// The functions that aggregate sum_up_jobs consists of.
#include "extensions/sg_statistics/src/totals_row.hpp"

extern "C" {
PG_MODULE_MAGIC;
}

namespace singularity::sg_statistics {

namespace {

// Its memory context; it is called as a part of an aggregate alone.
MemoryContext aggregate_context(FunctionCallInfo fcinfo) {
    MemoryContext context = nullptr;
    if (AggCheckCallContext(fcinfo, &context) == 0) elog(ERROR, "this function is a part of sum_up_jobs()");
    return context;
}

JobTotals* new_totals(MemoryContext context) {
    return new (MemoryContextAlloc(context, sizeof(JobTotals))) JobTotals(context);
}

JobTotals* totals_from(FunctionCallInfo fcinfo, int argument) {
    return PG_ARGISNULL(argument) ? nullptr : reinterpret_cast<JobTotals*>(PG_GETARG_POINTER(argument));
}

std::string_view view_of(const text* value) {
    return {VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value)};
}

std::optional<std::int32_t> number_from(FunctionCallInfo fcinfo, int argument) {
    return PG_ARGISNULL(argument) ? std::nullopt : std::optional(PG_GETARG_INT32(argument));
}

// From one process of this server to another: as it lies in memory.
template <class T>
void write(StringInfo bytes, const T& value) {
    appendBinaryStringInfoNT(bytes, &value, sizeof value);
}

void write(StringInfo bytes, const void* data, std::size_t size) {
    write(bytes, size);
    appendBinaryStringInfoNT(bytes, data, static_cast<int>(size));
}

class Reader {
public:
    explicit Reader(const bytea* bytes) noexcept : next_(VARDATA_ANY(bytes)) {}

    template <class T>
    T read() noexcept {
        T value;
        std::memcpy(&value, next_, sizeof value);
        next_ += sizeof value;
        return value;
    }
    std::string_view read_bytes() noexcept {
        const auto size = read<std::size_t>();
        const std::string_view bytes(next_, size);
        next_ += size;
        return bytes;
    }

private:
    const char* next_;
};

}  // namespace

SG_FUNCTION(sg_job_totals_add) {
    JobTotals* totals = totals_from(fcinfo, 0);
    if (totals == nullptr) totals = new_totals(aggregate_context(fcinfo));
    if (PG_ARGISNULL(1) || PG_ARGISNULL(2)) PG_RETURN_POINTER(totals);
    const std::string_view status = view_of(PG_GETARG_TEXT_PP(2));
    const bool failed = status == "failed";
    if (failed || status == "completed") {
        totals->add(view_of(PG_GETARG_TEXT_PP(1)), failed, number_from(fcinfo, 3), number_from(fcinfo, 4));
    }
    PG_RETURN_POINTER(totals);
}

SG_FUNCTION(sg_job_totals_join) {
    JobTotals* totals = totals_from(fcinfo, 0);
    if (totals == nullptr) totals = new_totals(aggregate_context(fcinfo));
    if (const JobTotals* other = totals_from(fcinfo, 1)) totals->join(*other);
    PG_RETURN_POINTER(totals);
}

SG_FUNCTION(sg_job_totals_send) {
    const JobTotals& totals = *totals_from(fcinfo, 0);
    StringInfoData bytes;
    initStringInfo(&bytes);
    appendStringInfoSpaces(&bytes, VARHDRSZ);
    write(&bytes, totals.megabytes());
    write(&bytes, totals.times().data(), totals.times().size_bytes());
    write(&bytes, totals.languages().size());
    for (const LanguageTotals& language : totals.languages()) {
        write(&bytes, language);
        write(&bytes, language.name.data(), language.name.size());
    }
    SET_VARSIZE(bytes.data, bytes.len);
    PG_RETURN_BYTEA_P(bytes.data);
}

SG_FUNCTION(sg_job_totals_receive) {
    JobTotals* totals = new_totals(CurrentMemoryContext);
    Reader reader(PG_GETARG_BYTEA_PP(0));
    totals->join_memory(reader.read<std::optional<std::int64_t>>());
    const std::string_view bytes = reader.read_bytes();
    auto* times = static_cast<std::int32_t*>(palloc(bytes.size()));
    std::memcpy(times, bytes.data(), bytes.size());
    totals->join_times({times, bytes.size() / sizeof *times});
    for (auto languages = reader.read<std::size_t>(); languages > 0; --languages) {
        auto language = reader.read<LanguageTotals>();
        language.name = reader.read_bytes();
        totals->join_language(language);
    }
    PG_RETURN_POINTER(totals);
}

SG_FUNCTION(sg_job_totals_row) {
    TupleDesc columns = nullptr;
    get_call_result_type(fcinfo, nullptr, &columns);
    JobTotals* totals = totals_from(fcinfo, 0);
    if (totals == nullptr) totals = new_totals(CurrentMemoryContext);
    PG_RETURN_DATUM(row_of(*totals, BlessTupleDesc(columns)));
}

}  // namespace singularity::sg_statistics
