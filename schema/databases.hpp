// The five databases: who owns them, who may connect, what the operator puts into them.
//
// Each step looks first and changes what differs. Migrations (pgclient/migrator.hpp) do the rest, with
// the rights of the database's owner.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "pgclient/connection.hpp"
#include "schema/names.hpp"

namespace singularity::schema {

struct DatabasePlan {
    std::string_view part;
    std::vector<std::string> extensions;
    std::vector<std::string> guests;            // roles besides the owner that may connect
    std::vector<std::string> queue_users = {};  // those of them that send and read in its queues
    bool has_queues = false;                    // schema pgmq
    bool has_central = false;                   // schema central, published or replicated
    bool owner_sees_keys = false;               // which message a unique key stands for
};

const DatabasePlan& plan_of(std::string_view part);

// Creates the database if it is missing, takes PUBLIC's rights from it and gives its guests theirs.
// `session` is the operator's, on the maintenance database.
pgclient::Task<void> ensure_database(pgclient::Connection& session, const Database& database);

// PUBLIC has no rights on the server's own databases either.
pgclient::Task<void> close_other_databases(pgclient::Connection& session);

// Extensions at the versions that this program brings, schemas, and the owner's rights on them.
// `session` is the operator's, on that database. An extension that isn't there is DbError 0A000.
pgclient::Task<void> prepare_database(pgclient::Connection& session, const Database& database);

// Writes the instance's name where it is missing; refused if the database belongs to another instance.
pgclient::Task<core::Expected<void>> claim_for_instance(pgclient::Connection& session,
                                                        const std::string& instance_id);

}  // namespace singularity::schema
