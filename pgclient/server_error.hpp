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

// Without a server's word: from one of libpq's messages, whose indented lines are advice and become the
// hint; the others, one a host, are joined by semicolons.
DbError connection_error(Query query, std::string_view libpq_message);  // 08006, lost
DbError connect_failure(std::string_view libpq_message);                // 08001, never made

}  // namespace singularity::pgclient
