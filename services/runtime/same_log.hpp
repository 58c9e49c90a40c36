// Whether two databases are of one cluster, and so write one log.
//
// Then no crash keeps a later commit in the second without an earlier one in the first, and the earlier one
// need not wait for the disk. But only where no crash lies between them: whoever commits later has to do it
// on a connection that was there before, since a crash ends all.
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
