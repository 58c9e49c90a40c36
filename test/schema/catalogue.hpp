// What the catalogue says about the objects that are ours: all but PostgreSQL's and the extensions'.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "backbone.hpp"
#include "roles_matrix.hpp"

namespace singularity::schema::test {

// By object: "database", "schema api", "table central.approved_patterns", "view …", "function …",
// "sequence …". Functions without their arguments.
std::map<std::string, Rights> rights_in(Database& database);

// Descriptions of schemas, tables, views and functions that have no comment.
std::vector<std::string> objects_without_comment(Database& database);

// Functions whose search_path is not "pg_catalog, pg_temp".
std::vector<std::string> functions_without_search_path(Database& database);

}  // namespace singularity::schema::test
