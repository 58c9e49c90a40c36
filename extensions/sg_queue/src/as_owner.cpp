#include "extensions/sg_queue/src/as_owner.hpp"

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

}  // namespace

Oid own_table(const char* name) {
    const Oid schema = get_namespace_oid("queue", true);
    return OidIsValid(schema) ? get_relname_relid(name, schema) : InvalidOid;
}

AsOwner::AsOwner() {
    const Oid owner = pg::call([] { return owner_of(own_table("options")); });
    GetUserIdAndSecContext(&caller_, &context_);
    SetUserIdAndSecContext(owner, context_ | SECURITY_LOCAL_USERID_CHANGE);
}

}  // namespace singularity::queue
