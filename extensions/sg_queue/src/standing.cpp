// Where a message stands in its queue's line: its group, from header x-pgmq-group as text, and its priority,
// from header x-queue-priority.
#include "extensions/sg_queue/src/rows.hpp"

extern "C" {
#include "common/hashfn.h"
#include "utils/numeric.h"
}

namespace singularity::queue {

namespace {

constexpr std::string_view kGroupHeader = "x-pgmq-group", kPriorityHeader = "x-queue-priority",
                           kDefaultGroup = "_default_fifo_group";

GroupKey key_of(std::string_view group) {
    return hash_bytes_extended(reinterpret_cast<const unsigned char*>(group.data()),
                               static_cast<int>(group.size()), 0);
}

GroupKey group_in(NullableDatum headers) {
    if (headers.isnull) return key_of(kDefaultGroup);
    LOCAL_FCINFO(call, 2);
    InitFunctionCallInfoData(*call, nullptr, 2, DEFAULT_COLLATION_OID, nullptr, nullptr);
    call->args[0] = headers;
    call->args[1] = {
        .value = PointerGetDatum(cstring_to_text_with_len(kGroupHeader.data(), kGroupHeader.size())),
        .isnull = false};
    const Datum group = jsonb_object_field_text(call);
    if (call->isnull) return key_of(kDefaultGroup);
    const text* name = DatumGetTextPP(group);
    return key_of({VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name)});
}

// Of an integer in the range.
std::optional<std::int8_t> priority_in(const JsonbValue& value) {
    if (value.type != jbvNumeric) return std::nullopt;
    bool out_of_range = false;
    const std::int32_t number = numeric_int4_opt_error(value.val.numeric, &out_of_range);
    const auto is_whole = [&] {
        return DatumGetBool(DirectFunctionCall2(numeric_eq, NumericGetDatum(int64_to_numeric(number)),
                                                NumericGetDatum(value.val.numeric)));
    };
    const bool in_range = !out_of_range && number >= -kHighestPriority && number <= kHighestPriority;
    if (!in_range || !is_whole()) return std::nullopt;
    return static_cast<std::int8_t>(number);
}

std::int8_t priority_in(NullableDatum headers, bool refuse) {
    if (headers.isnull) return 0;
    Jsonb* object = DatumGetJsonbP(headers.value);
    JsonbValue value;
    if (!JB_ROOT_IS_OBJECT(object) || getKeyJsonValueFromContainer(&object->root, kPriorityHeader.data(),
                                                                   kPriorityHeader.size(), &value) == nullptr)
        return 0;
    const auto priority = priority_in(value);
    if (!priority && refuse) {
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("header x-queue-priority must be an integer from -%d to %d", kHighestPriority,
                       kHighestPriority),
                errhint("Higher ones are claimed first; 0 is the default."));
    }
    return priority.value_or(0);
}

}  // namespace

Standing standing_in(NullableDatum headers, bool grouped) {
    return {.priority = priority_in(headers, true), .group = grouped ? group_in(headers) : 0};
}

Standing standing_of(Relation relation, const TableShape& shape, HeapTuple tuple, bool grouped) {
    NullableDatum headers;
    headers.value = value_of(relation, shape, tuple, Column::headers, headers.isnull);
    return {.priority = priority_in(headers, false), .group = grouped ? group_in(headers) : 0};
}

}  // namespace singularity::queue
