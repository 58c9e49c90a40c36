// queue.configure and queue.options_of, and the trigger through which every session hears of a change.
#include "extensions/sg_queue/src/as_owner.hpp"
#include "extensions/sg_queue/src/queue_table.hpp"
#include "extensions/sg_queue/src/transaction.hpp"
#include "pgbackend/format.hpp"
#include "pgbackend/spi.hpp"

namespace singularity::queue {

namespace {

constexpr Rights kNone{.whole = ACL_NO_RIGHTS};
constexpr int kQueueName = 1;  // of queue.options

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

ClaimRules rules_in(const TriggerData& data, HeapTuple row) {
    return options_in(row, RelationGetDescr(data.tg_relation)).rules;
}

}  // namespace

SG_FUNCTION(sg_queue_configure) {
    begin_call("configure");
    const auto name = fn.arg<std::string_view>(0);
    auto* options = fn.arg<Jsonb*>(1);
    const OpenQueue queue(name, kNone, AccessShareLock);
    insist_on_ownership(queue, pg::format("configure queue \"{}\"", name));
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
                          pg::format("permission denied for queue \"{}\"", name));
    }
    const Options& options = queue.queue().options;
    const ClaimRules& rules = options.rules;
    pg::ResultSet(fn).add(rules.in_memory, rules.turns, limit(rules.most), limit(rules.most_of_a_group),
                          std::chrono::microseconds(options.unique_for), rules.paused);
    return fn.nothing();
}

SG_FUNCTION(sg_queue_notice_options) {
    if (!CALLED_AS_TRIGGER(fn.info())) {
        throw pg::Failure(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED,
                          "queue._notice_options() is a trigger function");
    }
    const auto* data = reinterpret_cast<const TriggerData*>(fn.info()->context);
    Oid table = InvalidOid;
    ClaimRules before{}, after{};
    pg::call([&, data] {
        const bool updates = TRIGGER_FIRED_BY_UPDATE(data->tg_event);
        HeapTuple old_row = TRIGGER_FIRED_BY_INSERT(data->tg_event) ? nullptr : data->tg_trigtuple;
        HeapTuple new_row = updates ? data->tg_newtuple : data->tg_trigtuple;
        if (old_row != nullptr) {
            table = look_anew(data->tg_relation, old_row, kQueueName);
            before = rules_in(*data, old_row);
        }
        if (TRIGGER_FIRED_BY_DELETE(data->tg_event)) return;
        table = look_anew(data->tg_relation, new_row, kQueueName);
        after = rules_in(*data, new_row);
    });
    if (OidIsValid(table) && before != after) note_rules(shared_queue(table), after);
    return fn.nothing();
}

}  // namespace singularity::queue
