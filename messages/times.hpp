// Points in time as messages say them: RFC 3339, within what the database takes, too.
#pragma once

#include <string_view>

namespace singularity::messages {

// "2026-11-21T10:37:31Z"; with a fraction of the second, a blank instead of T, or an offset such as +01:00.
bool is_time(std::string_view text);

}  // namespace singularity::messages
