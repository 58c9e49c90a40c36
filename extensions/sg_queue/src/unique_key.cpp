#include "extensions/sg_queue/src/unique_key.hpp"

#include "extensions/sg_queue/src/as_owner.hpp"
#include "extensions/sg_queue/src/sending.hpp"
#include "pgbackend/spi.hpp"

extern "C" {
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
}

namespace singularity::queue {

namespace {

constexpr std::string_view kHeader = "x-queue-unique-key";
constexpr std::size_t kLongestKey = 512;

using Bytes = std::span<const std::byte>;

// They run with the owner's rights and whatever search_path the caller has: every name and operator says its
// schema.
pg::Statement<std::string_view, std::string_view, Bytes, std::optional<MessageId>, pg::TimePoint> insert{
    "insert into queue.unique_keys (queue, key, body_hash, msg_id, expires_at) values ($1, $2, $3, $4, $5)"
    " on conflict on constraint unique_keys_pkey do nothing"};
pg::Statement<std::string_view, std::string_view, Bytes> look{
    "select k.expires_at operator(pg_catalog.<=) pg_catalog.clock_timestamp(),"
    " k.body_hash operator(pg_catalog.=) $3, k.msg_id from queue.unique_keys k"
    " where k.queue operator(pg_catalog.=) $1 and k.key operator(pg_catalog.=) $2"};
pg::Statement<std::string_view, std::string_view, Bytes, std::optional<MessageId>, pg::TimePoint> renew{
    "update queue.unique_keys k set body_hash = $3, msg_id = $4, expires_at = $5"
    " where k.queue operator(pg_catalog.=) $1 and k.key operator(pg_catalog.=) $2"
    " and k.expires_at operator(pg_catalog.<=) pg_catalog.clock_timestamp()"};
pg::Statement<std::string_view, std::string_view, MessageId> settle{
    "update queue.unique_keys k set msg_id = $3"
    " where k.queue operator(pg_catalog.=) $1 and k.key operator(pg_catalog.=) $2"};
pg::Statement<std::string_view, std::string_view> release{
    "delete from queue.unique_keys k"
    " where k.queue operator(pg_catalog.=) $1 and k.key operator(pg_catalog.=) $2"};

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

std::string_view name_of(const OpenQueue& queue) {
    return std::string_view(queue.queue().waiting_name).substr(2);  // behind q_
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
                          std::format("header {} must be a string of 1 to {} bytes", kHeader, kLongestKey),
                          {},
                          "Give the message a key that tells it from all others, or leave the header out.");
    }
    const std::string_view key(value.val.string.val, static_cast<std::size_t>(value.val.string.len));
    return UniqueKey{key, hash_of(body)};
}

void throw_other_body(const OpenQueue& queue, std::string_view key) {
    throw pg::Failure(
        ERRCODE_UNIQUE_VIOLATION,
        std::format("key \"{}\" of queue \"{}\" belongs to a message with another body", key, name_of(queue)),
        {},
        "Send the message as it was sent first, or with a key of its own. Keys are free again after "
        "the queue's option unique_for.");
}

// Nothing is locked that was there already, so those who send a message again don't wait for each other. What
// is seen may be gone at the next look, where its time is over: then once more.
std::optional<MessageId> claim_key(const OpenQueue& queue, const UniqueKey& key,
                                   std::optional<MessageId> id) {
    const std::string_view name = name_of(queue);
    const Time free_at = pg::call(GetCurrentTimestamp) + queue.queue().options.unique_for;
    const auto expires = pg::DatumOf<pg::TimePoint>::from(TimestampTzGetDatum(free_at));
    const AsOwner owner;
    for (;;) {
        pg::check_interrupts();
        pg::Spi spi;
        if (spi.query(insert, name, key.key, key.body, id, expires).affected() > 0) return std::nullopt;
        const pg::Rows there = spi.query(look, name, key.key, key.body);
        if (there.empty()) continue;
        if (there[0].get<bool>(0)) {
            if (spi.query(renew, name, key.key, key.body, id, expires).affected() > 0) return std::nullopt;
            continue;
        }
        if (!there[0].get<bool>(1)) throw_other_body(queue, key.key);
        return there[0].get<MessageId>(2);
    }
}

void settle_key(const OpenQueue& queue, const UniqueKey& key, std::optional<MessageId> id) {
    const AsOwner owner;
    pg::Spi spi;
    if (id) spi.query(settle, name_of(queue), key.key, *id);
    else spi.query(release, name_of(queue), key.key);
}

}  // namespace singularity::queue
