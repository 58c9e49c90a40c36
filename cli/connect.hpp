// A command's connection to one of the backbone's databases.
#pragma once

#include <memory>
#include <string_view>

#include "core/config.hpp"
#include "pgclient/connection.hpp"

namespace singularity::cli {

// As the database's owner; `database` is a name that cluster::database_url knows. Throws DbError.
pgclient::Task<std::unique_ptr<pgclient::Connection>> connect(const core::Config& config,
                                                              std::string_view database);

}  // namespace singularity::cli
