// DbErrors made from what libpq has.
#pragma once

#include "pgclient/error.hpp"
#include "pgclient/query.hpp"

#include <string>
#include <string_view>

struct pg_result;

namespace singularity::pgclient {

// From a result that is an error, with every field the server sent.
DbError server_error(Query query, const pg_result* result, bool connection_lost);

// Without a server's word (08006). Trailing line ends, as libpq's messages have them, are cut.
DbError connection_error(Query query, std::string_view message);

}  // namespace singularity::pgclient
