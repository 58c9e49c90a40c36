// queue.configure and queue.options_of, and the trigger through which every session hears of a change.
#include "extensions/sg_queue/src/as_owner.hpp"
#include "extensions/sg_queue/src/queue_table.hpp"
#include "extensions/sg_queue/src/transaction.hpp"
#include "pgbackend/spi.hpp"

extern "C" {
#include "catalog/pg_class.h"
#include "utils/formatting.h"
}

namespace singularity::queue {

namespace {

constexpr Rights kNone{.whole = ACL_NO_RIGHTS};

bool owns(Oid table) {
    return pg::call([table] { return object_ownercheck(RelationRelationId, table, GetUserId()); });
}

void refuse_others(const OpenQueue& queue, std::string_view name) {
    if (owns(queue.queue().waiting.table) || owns(own_table("options"))) return;
    throw pg::Failure(ERRCODE_INSUFFICIENT_PRIVILEGE,
                      std::format("permission denied to configure queue \"{}\"", name), {},
                      "Only who owns the queue's table, or the extension, may configure it.");
}

bool may_use(Oid table) {
    return pg::call([table] {
        constexpr AclMode kAny = ACL_SELECT | ACL_INSERT | ACL_UPDATE | ACL_DELETE;
        return pg_class_aclmask(table, GetUserId(), kAny, ACLMASK_ANY) != ACL_NO_RIGHTS ||
               pg_attribute_aclcheck_all(table, GetUserId(), kAny, ACLMASK_ANY) == ACLCHECK_OK;
    });
}

std::optional<std::int32_t> limit(std::uint32_t number) {
    return number == 0 ? std::nullopt : std::optional(static_cast<std::int32_t>(number));
}

// The table whose options a row tells; it may have been dropped before its row.
Oid notice(const TriggerData& data, HeapTuple row) {
    char* name = SPI_getvalue(row, RelationGetDescr(data.tg_relation), 1);
    const std::size_t length = std::strlen(name);
    const char* table = psprintf("q_%s", str_tolower(name, length, DEFAULT_COLLATION_OID));
    const Oid id = get_relname_relid(table, LookupExplicitNamespace("pgmq", false));
    if (OidIsValid(id)) CacheInvalidateRelcacheByRelid(id);
    return id;
}

ClaimRules rules_in(const TriggerData& data, HeapTuple row) {
    return options_in(row, RelationGetDescr(data.tg_relation)).rules;
}

}  // namespace

SG_FUNCTION(sg_queue_configure) {
    begin_call("configure");
    const auto name = fn.arg<std::string_view>(0);
    auto* options = fn.arg<Jsonb*>(1);
    const OpenQueue queue(name, kNone, AccessShareLock);
    refuse_others(queue, name);
    const AsOwner owner;
    static pg::Statement<std::string_view, Jsonb*> set{"select queue._set_options($1, $2)"};
    pg::Spi().query(set, name, options);
    return fn.nothing();
}

SG_FUNCTION(sg_queue_options_of) {
    const auto name = fn.arg<std::string_view>(0);
    const OpenQueue queue(name, kNone, AccessShareLock);
    if (!may_use(queue.queue().waiting.table)) {
        throw pg::Failure(ERRCODE_INSUFFICIENT_PRIVILEGE,
                          std::format("permission denied for queue \"{}\"", name));
    }
    const Options& options = queue.queue().options;
    const ClaimRules& rules = options.rules;
    pg::ResultSet(fn).add(rules.in_memory, rules.turns, limit(rules.most), limit(rules.most_of_a_group),
                          std::chrono::microseconds(options.unique_for));
    return fn.nothing();
}

SG_FUNCTION(sg_queue_notice_options) {
    if (!CALLED_AS_TRIGGER(fn.info())) {
        throw pg::Failure(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED,
                          "queue._notice_options() is a trigger function");
    }
    const auto* data = reinterpret_cast<const TriggerData*>(fn.info()->context);
    const bool updates = TRIGGER_FIRED_BY_UPDATE(data->tg_event);
    Oid table = InvalidOid;
    ClaimRules before{}, after{};
    pg::call([&, data] {
        table = notice(*data, data->tg_trigtuple);
        if (!updates) return;
        table = notice(*data, data->tg_newtuple);
        before = rules_in(*data, data->tg_trigtuple);
        after = rules_in(*data, data->tg_newtuple);
    });
    if (OidIsValid(table) && before != after) note_rules(shared_queue(table), after);
    return fn.nothing();
}

}  // namespace singularity::queue
