// Adoption: queues that the original pgmq made, or the first form of sg_queue, become sg_queue's.
//
// It is a row of steps, each a transaction that looks first and does what is missing, so that a run that
// was interrupted anywhere is completed by the next. The messages' tables are never copied or dropped:
//
//   detach     a queue's table leaves the old extension (1.5 had made it a member); one step a table
//   replace    the old extension goes, sg_queue comes, and names, bindings, throttles, grants, notifying
//              triggers, functions and views that used the old functions are put back
//   shape      a queue's tables get the columns, the page layout and the trigger that the engine serves;
//              one step a queue
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pgclient/connection.hpp"

namespace singularity::cli {

struct AdoptionStep {
    std::string name;     // detach, replace, shape
    std::string subject;  // a table, an extension with its version, a queue
    std::string sql;
};

enum class Adoptable { yes, nothing, without_extension };

// Whether there is something that adoption can do something about.
pgclient::Task<Adoptable> look_for_queues(pgclient::Connection& connection);

// The next step that is still missing, if any. Running it, then asking again, comes to an end.
pgclient::Task<std::optional<AdoptionStep>> next_adoption_step(pgclient::Connection& connection);

// The statement of step `replace` (queue_adoption_replace.cpp).
std::string_view replace_extension_sql();

}  // namespace singularity::cli
