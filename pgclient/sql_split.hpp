// A script into its statements, for files that can't run in one transaction: several statements sent
// together would be one.
#pragma once

#include "core/error.hpp"

#include <string_view>
#include <vector>

namespace singularity::pgclient {

// Splits at the semicolons that end statements: not those in strings, quoted names, dollar quotes,
// comments, parentheses, or the body of a function written `begin atomic … end`. Statements come without
// their semicolon, in order, and point into `sql`; empty ones are left out. Refuses (invalid_input) a
// quote or comment that isn't closed, with its line.
core::Expected<std::vector<std::string_view>> split_statements(std::string_view sql);

}  // namespace singularity::pgclient
