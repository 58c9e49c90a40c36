// The SQL that is part of the binary: each database's migrations, and the operator's own scripts.
#pragma once

#include <string_view>
#include <vector>

#include "pgclient/migration_plan.hpp"

namespace singularity::schema {

// The files of schema/PART/, in order.
std::vector<pgclient::Migration> migrations_of(std::string_view part);

// The text of schema/operator/NAME. Throws std::out_of_range for a name that was not built in.
std::string_view operator_script(std::string_view name);

}  // namespace singularity::schema
