// What is a key, and what is the same body.
#include "extensions/sg_queue/src/unique_key.hpp"

#include "extensions/sg_queue/src/sending.hpp"
#include "pgbackend/format.hpp"

extern "C" {
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
}

namespace singularity::queue {

namespace {

constexpr std::string_view kHeader = "x-queue-unique-key";
constexpr std::size_t kLongestKey = 512;

enum class Found { nothing, unfit, key };

// Reports errors by a jump.
Found find(Datum headers, JsonbValue& value) {
    Jsonb* object = DatumGetJsonbP(headers);
    if (!JB_ROOT_IS_OBJECT(object)) return Found::nothing;
    const bool there =
        getKeyJsonValueFromContainer(&object->root, kHeader.data(), kHeader.size(), &value) != nullptr;
    if (!there || value.type == jbvNull) return Found::nothing;
    const bool fits = value.type == jbvString && value.val.string.len > 0 &&
                      static_cast<std::size_t>(value.val.string.len) <= kLongestKey;
    return fits ? Found::key : Found::unfit;
}

BodyHash hash_of(NullableDatum body) {
    return pg::call([body] {
        const text* written =
            cstring_to_text(body.isnull ? "" : DatumGetCString(DirectFunctionCall1(jsonb_out, body.value)));
        const bytea* hash = DatumGetByteaPP(DirectFunctionCall1(sha256_bytea, PointerGetDatum(written)));
        BodyHash bytes;
        std::memcpy(bytes.data(), VARDATA_ANY(hash), bytes.size());
        return bytes;
    });
}

}  // namespace

bool is_keyed(NullableDatum headers) {
    if (headers.isnull) return false;
    return pg::call([headers] {
        JsonbValue value;
        return find(headers.value, value) != Found::nothing;
    });
}

std::optional<UniqueKey> unique_key_of(NullableDatum headers, NullableDatum body) {
    if (headers.isnull) return std::nullopt;
    JsonbValue value;
    const Found found = pg::call([headers, &value] { return find(headers.value, value); });
    if (found == Found::nothing) return std::nullopt;
    if (found == Found::unfit) {
        throw pg::Failure(ERRCODE_INVALID_PARAMETER_VALUE,
                          pg::format("header {} must be a string of 1 to {} bytes", kHeader, kLongestKey), {},
                          "Give the message a key that tells it from all others, or leave the header out.");
    }
    const std::string_view key(value.val.string.val, static_cast<std::size_t>(value.val.string.len));
    return UniqueKey{key, hash_of(body)};
}

}  // namespace singularity::queue
