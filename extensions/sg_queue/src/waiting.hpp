// What the procedures that wait have in common: they sleep outside of transactions, up to a deadline, and
// answer by their one inout argument.
#pragma once

#include "extensions/sg_queue/src/message.hpp"
#include "extensions/sg_queue/src/server.hpp"

namespace singularity::queue {

namespace pg = pgbackend;

// Throws 2D000 in a transaction, which would hold back vacuum, and 25006 on a standby, where nobody is woken.
void refuse_to_wait_here(const pg::FunctionCall& fn, const char* procedure);

// From seconds, null for none at all; 22023 for what is no time to wait.
Time deadline_from(const pg::FunctionCall& fn, int argument);

// A procedure's inout arguments are a row.
Datum row_of(const pg::FunctionCall& fn, NullableDatum value);

}  // namespace singularity::queue
