// Acting as the owner of the extension's own tables, which its users have no rights on.
#pragma once

#include "extensions/sg_queue/src/server.hpp"

namespace singularity::queue {

namespace pg = pgbackend;

// A table of schema queue; InvalidOid where the extension's script is older than this library.
Oid own_table(const char* name);

// For a scope. What runs in it must be a statement of ours: nothing that a caller could choose.
class AsOwner {
public:
    AsOwner();
    AsOwner(const AsOwner&) = delete;
    ~AsOwner() { SetUserIdAndSecContext(caller_, context_); }

private:
    Oid caller_ = InvalidOid;
    int context_ = 0;
};

}  // namespace singularity::queue
