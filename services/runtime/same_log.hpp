// Whether two databases are of one cluster, and so write one log.
//
// Then what commits in the second after a commit in the first can't survive a crash that the first doesn't: a
// commit need not wait for the disk if all that relies on it is a later one in the other database.
#pragma once

#include <optional>

#include "pgclient/pool.hpp"

namespace singularity::services {

class SameLog {
public:
    // The pools outlive this.
    SameLog(pgclient::Pool& first, pgclient::Pool& second) : first_(first), second_(second) {}

    // Asks both once. Throws DbError.
    pgclient::Task<bool> known();

private:
    pgclient::Pool& first_;
    pgclient::Pool& second_;
    std::optional<bool> known_;
};

}  // namespace singularity::services
