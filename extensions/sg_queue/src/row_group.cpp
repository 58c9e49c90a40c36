// A message's group: its header x-pgmq-group, as text.
#include "extensions/sg_queue/src/rows.hpp"

extern "C" {
#include "common/hashfn.h"
}

namespace singularity::queue {

namespace {

constexpr std::string_view kHeader = "x-pgmq-group", kDefaultGroup = "_default_fifo_group";

GroupKey key_of(std::string_view group) {
    return hash_bytes_extended(reinterpret_cast<const unsigned char*>(group.data()),
                               static_cast<int>(group.size()), 0);
}

}  // namespace

GroupKey group_in(NullableDatum headers) {
    if (headers.isnull) return key_of(kDefaultGroup);
    LOCAL_FCINFO(call, 2);
    InitFunctionCallInfoData(*call, nullptr, 2, DEFAULT_COLLATION_OID, nullptr, nullptr);
    call->args[0] = headers;
    call->args[1] = {.value = PointerGetDatum(cstring_to_text_with_len(kHeader.data(), kHeader.size())),
                     .isnull = false};
    const Datum group = jsonb_object_field_text(call);
    if (call->isnull) return key_of(kDefaultGroup);
    const text* name = DatumGetTextPP(group);
    return key_of({VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name)});
}

GroupKey group_of(Relation relation, const TableShape& shape, HeapTuple tuple) {
    NullableDatum headers;
    headers.value = value_of(relation, shape, tuple, Column::headers, headers.isnull);
    return group_in(headers);
}

}  // namespace singularity::queue
