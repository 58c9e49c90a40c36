#include "extensions/sg_queue/src/as_owner.hpp"

#include "extensions/sg_queue/src/queue_table.hpp"
#include "pgbackend/format.hpp"

extern "C" {
#include "catalog/pg_class.h"
}

namespace singularity::queue {

namespace {

Oid owner_of(Oid table) {
    HeapTuple row = SearchSysCache1(RELOID, ObjectIdGetDatum(table));
    if (!HeapTupleIsValid(row)) {
        ereport(ERROR, errcode(ERRCODE_UNDEFINED_TABLE), errmsg("extension sg_queue is not complete"),
                errhint("Its library is newer than its tables: drop the extension and create it."));
    }
    const Oid owner = reinterpret_cast<Form_pg_class>(GETSTRUCT(row))->relowner;
    ReleaseSysCache(row);
    return owner;
}

bool owns(Oid table) {
    return pg::call([table] { return object_ownercheck(RelationRelationId, table, GetUserId()); });
}

}  // namespace

void insist_on_ownership(const OpenQueue& queue, std::string_view what) {
    if (owns(queue.queue().waiting.table) || owns(own_table("options"))) return;
    throw pg::Failure(ERRCODE_INSUFFICIENT_PRIVILEGE, pg::format("permission denied to {}", what), {},
                      pg::format("Only who owns the queue's table, or the extension, may {}.", what));
}

AsOwner::AsOwner() {
    const Oid owner = pg::call([] { return owner_of(own_table("options")); });
    GetUserIdAndSecContext(&caller_, &context_);
    SetUserIdAndSecContext(owner, context_ | SECURITY_LOCAL_USERID_CHANGE);
}

}  // namespace singularity::queue
