// Claims of unique keys: the rows of queue.unique_keys, written with its owner's rights.
#include "extensions/sg_queue/src/as_owner.hpp"
#include "extensions/sg_queue/src/unique_key.hpp"
#include "pgbackend/format.hpp"
#include "pgbackend/spi.hpp"

namespace singularity::queue {

namespace {

// A text[] or bytea[] that was made for a statement.
template <Oid element, Oid array>
struct MadeArray {
    Datum datum;
};

}  // namespace

}  // namespace singularity::queue

namespace singularity::pgbackend {

template <Oid element, Oid array>
struct DatumOf<queue::MadeArray<element, array>> {
    static constexpr Oid oid = array;
    static Datum to(const queue::MadeArray<element, array>& value, MemoryContext) { return value.datum; }
};

}  // namespace singularity::pgbackend

namespace singularity::queue {

namespace {

using Bytes = std::span<const std::byte>;
using Texts = MadeArray<TEXTOID, TEXTARRAYOID>;
using Hashes = MadeArray<BYTEAOID, BYTEAARRAYOID>;
using Ids = std::vector<MessageId>;

constexpr std::size_t kMostAtOnce = 1000;

// Whatever search_path the caller has: every name and operator says its schema. Nothing is locked that was
// there already, so those who send a message again don't wait for each other.
pg::Statement<std::string_view, std::string_view, Bytes, std::optional<MessageId>, pg::TimePoint> insert{
    "insert into queue.unique_keys (queue, key, body_hash, msg_id, expires_at) values ($1, $2, $3, $4, $5)"
    " on conflict on constraint unique_keys_pkey do nothing"};
// Ids are null where there are none.
pg::Statement<std::string_view, Texts, Hashes, Ids, pg::TimePoint> insert_many{
    "insert into queue.unique_keys (queue, key, body_hash, msg_id, expires_at)"
    " select $1, n.key, n.body_hash, n.msg_id, $5"
    " from rows from (pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4)) n (key, "
    "body_hash, msg_id)"
    " on conflict on constraint unique_keys_pkey do nothing returning key"};
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

std::string_view name_of(const OpenQueue& queue) {
    return std::string_view(queue.queue().waiting_name).substr(2);  // behind q_
}

pg::TimePoint expires(const OpenQueue& queue) {
    const Time free_at = pg::call(GetCurrentTimestamp) + queue.queue().options.unique_for;
    return pg::DatumOf<pg::TimePoint>::from(TimestampTzGetDatum(free_at));
}

template <Oid element, Oid array, class Get>
MadeArray<element, array> make_array(std::span<const KeyClaim> claims, Get get) {
    std::vector<Datum> values;
    values.reserve(claims.size());
    for (const KeyClaim& claim : claims)
        values.push_back(pg::to_datum(get(claim), CurrentMemoryContext).value);
    return {pg::call([&values] {
        using Layout = pg::VarlenaLayout<element>;
        return PointerGetDatum(construct_array(values.data(), static_cast<int>(values.size()), element,
                                               Layout::length, Layout::by_value, Layout::alignment));
    })};
}

// Those that are nobody's.
void claim_new(const OpenQueue& queue, std::span<KeyClaim> claims) {
    const pg::TempContext arrays("keys to claim");
    const pg::MemoryScope scope(arrays.get());
    Ids ids;
    for (const KeyClaim& claim : claims) {
        if (claim.id) ids.push_back(*claim.id);
    }
    const auto keys =
        make_array<TEXTOID, TEXTARRAYOID>(claims, [](const KeyClaim& each) { return each.key.key; });
    const auto hashes = make_array<BYTEAOID, BYTEAARRAYOID>(
        claims, [](const KeyClaim& each) { return Bytes(each.key.body); });
    pg::Spi spi;
    for (const pg::Row row : spi.query(insert_many, name_of(queue), keys, hashes, ids, expires(queue))) {
        const auto key = row.get<std::string_view>(0);
        std::ranges::lower_bound(claims, key, {}, [](const KeyClaim& each) { return each.key.key; })->fresh =
            true;
    }
}

// `there`: it was when it was last looked at. What is seen may be gone at the next look, where its time is
// over: then once more.
void claim_key(const OpenQueue& queue, KeyClaim& claim, bool there) {
    const auto& [key, body] = claim.key;
    for (;; there = false) {
        pg::check_interrupts();
        pg::Spi spi;
        claim.fresh =
            !there && spi.query(insert, name_of(queue), key, body, claim.id, expires(queue)).affected() > 0;
        if (claim.fresh) return;
        const pg::Rows found = spi.query(look, name_of(queue), key, body);
        if (found.empty()) continue;
        if (found[0].get<bool>(0)) {
            claim.fresh =
                spi.query(renew, name_of(queue), key, body, claim.id, expires(queue)).affected() > 0;
            if (claim.fresh) return;
            continue;
        }
        if (!found[0].get<bool>(1)) throw_other_body(queue, key);
        claim.id = found[0].get<MessageId>(2);
        return;
    }
}

}  // namespace

void claim_keys(const OpenQueue& queue, std::span<KeyClaim> claims) {
    const AsOwner owner;
    if (claims.size() == 1) return claim_key(queue, claims[0], false);
    for (std::span rest = claims; !rest.empty(); rest = rest.subspan(std::min(rest.size(), kMostAtOnce))) {
        const auto part = rest.first(std::min(rest.size(), kMostAtOnce));
        claim_new(queue, part);
        for (KeyClaim& claim : part) {
            if (!claim.fresh) claim_key(queue, claim, true);
        }
    }
}

void settle_key(const OpenQueue& queue, std::string_view key, std::optional<MessageId> id) {
    const AsOwner owner;
    pg::Spi spi;
    if (id) spi.query(settle, name_of(queue), key, *id);
    else spi.query(release, name_of(queue), key);
}

void throw_other_body(const OpenQueue& queue, std::string_view key) {
    throw pg::Failure(
        ERRCODE_UNIQUE_VIOLATION,
        pg::format("key \"{}\" of queue \"{}\" belongs to a message with another body", key, name_of(queue)),
        {},
        "Send the message as it was sent first, or with a key of its own. Keys are free again after the "
        "queue's "
        "option unique_for.");
}

}  // namespace singularity::queue
