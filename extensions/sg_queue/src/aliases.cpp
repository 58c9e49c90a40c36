#include "extensions/sg_queue/src/aliases.hpp"

#include "extensions/sg_queue/src/as_owner.hpp"
#include "extensions/sg_queue/src/queue_table.hpp"
#include "extensions/sg_queue/src/transaction.hpp"
#include "pgbackend/format.hpp"
#include "pgbackend/spi.hpp"

extern "C" {
#include "utils/formatting.h"
}

namespace singularity::queue {

namespace {

constexpr Rights kNone{.whole = ACL_NO_RIGHTS};
constexpr int kQueueName = 2;  // of queue.aliases

}  // namespace

std::optional<std::string> find_alias(std::string_view folded_alias) {
    const char* name = pg::call([folded_alias]() -> const char* {
        Relation table = nullptr;
        HeapTuple row = find_own_row("aliases", "aliases_folded_alias_key", folded_alias, table);
        if (row == nullptr) return nullptr;
        const char* found = SPI_getvalue(row, RelationGetDescr(table), kQueueName);
        table_close(table, NoLock);
        return str_tolower(found, std::strlen(found), DEFAULT_COLLATION_OID);
    });
    return name == nullptr ? std::nullopt : std::optional<std::string>(name);
}

SG_FUNCTION(sg_queue_add_alias) {
    begin_call("add_alias");
    const auto alias = fn.arg<std::string_view>(0), name = fn.arg<std::string_view>(1);
    const OpenQueue queue(name, kNone, AccessShareLock);
    insist_on_ownership(queue, pg::format("give queue \"{}\" an alias", name));
    const AsOwner owner;
    static pg::Statement<std::string_view, std::string_view> add{"select queue._add_alias($1, $2)"};
    pg::Spi().query(add, alias, name);
    return fn.nothing();
}

SG_FUNCTION(sg_queue_drop_alias) {
    begin_call("drop_alias");
    const auto alias = fn.arg<std::string_view>(0);
    const auto name = find_alias(folded(alias));
    if (!name) return fn.ret(false);
    const OpenQueue queue(*name, kNone, AccessShareLock);
    insist_on_ownership(queue, pg::format("take an alias from queue \"{}\"", *name));
    const AsOwner owner;
    static pg::Statement<std::string_view, std::string_view> drop{
        "delete from queue.aliases a where pg_catalog.lower(a.alias) operator(pg_catalog.=) $1"
        " and pg_catalog.lower(a.queue_name) operator(pg_catalog.=) $2 returning a.alias"};
    return fn.ret(!pg::Spi().query(drop, folded(alias), *name).empty());
}

SG_FUNCTION(sg_queue_notice_aliases) {
    if (!CALLED_AS_TRIGGER(fn.info())) {
        throw pg::Failure(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED,
                          "queue._notice_aliases() is a trigger function");
    }
    const auto* data = reinterpret_cast<const TriggerData*>(fn.info()->context);
    pg::call([data] {
        look_anew(data->tg_relation, data->tg_trigtuple, kQueueName);
        if (TRIGGER_FIRED_BY_UPDATE(data->tg_event))
            look_anew(data->tg_relation, data->tg_newtuple, kQueueName);
    });
    return fn.nothing();
}

}  // namespace singularity::queue
