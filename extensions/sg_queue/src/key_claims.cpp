// Claims of unique keys: the rows of queue.unique_keys, written with its owner's rights.
#include "extensions/sg_queue/src/as_owner.hpp"
#include "extensions/sg_queue/src/unique_key.hpp"
#include "pgbackend/format.hpp"
#include "pgbackend/spi.hpp"

namespace singularity::queue {

namespace {

using Bytes = std::span<const std::byte>;

// Whatever search_path the caller has: every name and operator says its schema. Nothing is locked that was
// there already, so those who send a message again don't wait for each other.
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

std::string_view name_of(const OpenQueue& queue) {
    return std::string_view(queue.queue().waiting_name).substr(2);  // behind q_
}

Time expires(const OpenQueue& queue) {
    return pg::call(GetCurrentTimestamp) + queue.queue().options.unique_for;
}

// One that was there, or that SQL has to put there. What is seen may be gone at the next look, where its
// time is over, or its transaction rolled back: then once more.
void claim_known(const OpenQueue& queue, KeyClaim& claim) {
    const auto& [key, body] = claim.key;
    const auto until = pg::DatumOf<pg::TimePoint>::from(TimestampTzGetDatum(expires(queue)));
    for (bool there = true;; there = false) {
        pg::check_interrupts();
        pg::Spi spi;
        claim.fresh = !there && spi.query(insert, name_of(queue), key, body, claim.id, until).affected() > 0;
        if (claim.fresh) return;
        const pg::Rows found = spi.query(look, name_of(queue), key, body);
        if (found.empty()) continue;
        if (found[0].get<bool>(0)) {
            claim.fresh = spi.query(renew, name_of(queue), key, body, claim.id, until).affected() > 0;
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
    for (std::span rest = claims; !rest.empty(); rest = rest.subspan(1)) {
        rest = rest.subspan(put_new_keys(name_of(queue), rest, expires(queue)));
        if (rest.empty()) return;
        const AsOwner owner;
        claim_known(queue, rest[0]);
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
