// How a queue was configured: its row in queue.options.
#pragma once

#include <string_view>

#include "extensions/sg_queue/src/claim_line.hpp"
#include "extensions/sg_queue/src/server.hpp"

namespace singularity::queue {

struct Options {
    ClaimRules rules = {};
    bool uncommitted = false;  // this transaction has changed them
    Time unique_for = Time{90} * 24 * 3600 * 1'000'000;
};

// As the row says that was committed last, or that this transaction has changed; the defaults where there is
// none. Whoever uses the queue may read it. `folded_name` is the queue's in lower case.
Options read_options(std::string_view folded_name);
// Those of a row of queue.options.
Options options_in(HeapTuple row, TupleDesc columns);

}  // namespace singularity::queue
