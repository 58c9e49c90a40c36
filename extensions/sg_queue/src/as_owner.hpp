// Acting as the owner of the extension's own tables, which its users have no rights on.
#pragma once

#include "extensions/sg_queue/src/own_table.hpp"

namespace singularity::queue {

class OpenQueue;

// Throws 42501 where this user neither owns an open queue's table, or is a member of who does, nor the
// extension; `what` is what it may not do.
void insist_on_ownership(const OpenQueue& queue, std::string_view what);

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
