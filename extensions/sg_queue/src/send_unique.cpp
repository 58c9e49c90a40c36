// Sending messages some of which have unique keys.
#include "extensions/sg_queue/src/fallback.hpp"
#include "extensions/sg_queue/src/sending.hpp"
#include "extensions/sg_queue/src/unique_key.hpp"
#include "pgbackend/spi.hpp"

extern "C" {
#include "catalog/pg_class.h"
}

namespace singularity::queue {

namespace {

// What becomes of a message.
struct Fate {
    std::optional<UniqueKey> key;
    std::size_t same_as;  // the message of the call whose id it has: itself, or the first with its key
    bool sent = true;
};

bool may(AclMode what, Oid table, std::initializer_list<const char*> columns) {
    const Oid user = GetUserId();
    if (pg_class_aclcheck(table, user, what) == ACLCHECK_OK) return true;
    return std::ranges::all_of(columns, [=](const char* column) {
        const AttrNumber number = get_attnum(table, column);
        return number != InvalidAttrNumber && pg_attribute_aclcheck(table, number, user, what) == ACLCHECK_OK;
    });
}

// SQL would find out only when it sends, and who may not send is told nothing of keys.
void refuse_strangers(const OpenQueue& queue) {
    pg::call([table = RelationGetRelid(queue.relation())] {
        if (may(ACL_INSERT, table, {"message", "headers", "vt"}) && may(ACL_SELECT, table, {"msg_id"}))
            return;
        aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_TABLE, get_rel_name(table));
    });
}

// In the order of the messages, as those without keys get theirs.
void take_ids(const OpenQueue& queue, std::span<NewMessage> messages) {
    pg::call([messages, sequence = queue.queue().waiting.sequence] {
        for (NewMessage& message : messages) message.id = nextval_internal(sequence, false);
    });
}

std::vector<Fate> fates_of(std::span<const NewMessage> messages) {
    std::vector<Fate> fates;
    fates.reserve(messages.size());
    for (const NewMessage& message : messages) {
        fates.push_back({unique_key_of(message.headers, message.message), fates.size()});
    }
    return fates;
}

// One for each key, the first message's, in the order of the keys.
std::vector<KeyClaim> claims_of(const OpenQueue& queue, std::span<const NewMessage> messages,
                                std::span<Fate> fates) {
    std::vector<KeyClaim> claims;
    for (std::size_t i = 0; i < fates.size(); ++i) {
        if (fates[i].key) claims.push_back({*fates[i].key, i, messages[i].id});
    }
    const auto key = [](const KeyClaim& claim) { return claim.key.key; };
    std::ranges::stable_sort(claims, {}, key);
    for (std::size_t i = 1; i < claims.size(); ++i) {
        const KeyClaim& before = claims[i - 1];
        if (before.key.key != claims[i].key.key) continue;
        if (before.key.body != claims[i].key.body) throw_other_body(queue, before.key.key);
        fates[claims[i].place] = {std::nullopt, fates[before.place].same_as, false};
    }
    const auto again = std::ranges::unique(claims, {}, key);
    claims.erase(again.begin(), again.end());
    return claims;
}

void claim(const OpenQueue& queue, std::span<NewMessage> messages, std::span<Fate> fates) {
    std::vector<KeyClaim> claims = claims_of(queue, messages, fates);
    claim_keys(queue, claims);
    for (const KeyClaim& each : claims) {
        if (each.fresh) continue;
        messages[each.place].id = each.id;
        fates[each.place].sent = false;
    }
}

void send_claimed(const OpenQueue& queue, std::span<const NewMessage> messages, std::span<const Fate> fates,
                  Time due) {
    std::vector<NewMessage> fresh;
    for (const Fate& fate : fates) {
        if (fate.sent) fresh.push_back(messages[fate.same_as]);
    }
    if (!fresh.empty()) send_directly(queue, fresh, due);
}

// One by one: of many, nobody could tell which of them a trigger left out.
void send_claimed_by_sql(const OpenQueue& queue, std::span<NewMessage> messages, std::span<const Fate> fates,
                         Time due) {
    const std::string sql = with_tables(kSendSql, queue.queue());
    const auto visible_from = pg::DatumOf<pg::TimePoint>::from(TimestampTzGetDatum(due));
    for (const Fate& fate : fates) {
        if (!fate.sent) continue;
        pg::check_interrupts();
        NewMessage& message = messages[fate.same_as];
        {
            pg::Spi spi;
            const pg::Rows sent =
                spi.query(sql.c_str(), pg::from_datum<std::optional<Jsonb*>>(message.message, "message", 0),
                          pg::from_datum<std::optional<Jsonb*>>(message.headers, "headers", 0), visible_from);
            if (!sent.empty()) message.id = sent[0].get<MessageId>(0);
        }
        if (fate.key) settle_key(queue, fate.key->key, message.id);
    }
}

}  // namespace

void send_unique(const OpenQueue& queue, std::span<NewMessage> messages, Time due) {
    const bool direct = queue.direct();
    std::vector<Fate> fates = fates_of(messages);
    if (direct) take_ids(queue, messages);
    else refuse_strangers(queue);
    claim(queue, messages, fates);
    if (direct) send_claimed(queue, messages, fates, due);
    else send_claimed_by_sql(queue, messages, fates, due);
    for (std::size_t i = 0; i < messages.size(); ++i) messages[i].id = messages[fates[i].same_as].id;
}

}  // namespace singularity::queue
