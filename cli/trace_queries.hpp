// What each database knows of a request. Columns: at, queue, msg_id, event, detail; without a time it is the
// state now.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "pgclient/query.hpp"

namespace singularity::cli {

struct TracedDatabase {
    std::string_view name;
    std::vector<pgclient::Query> queries;  // each takes the request's id
};

// In the order in which requests reach them.
std::span<const TracedDatabase> traced_databases();

}  // namespace singularity::cli
