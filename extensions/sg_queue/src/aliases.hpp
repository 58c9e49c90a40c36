// Other names of queues: the rows of queue.aliases.
#pragma once

#include <optional>
#include <string>

#include "extensions/sg_queue/src/own_table.hpp"

namespace singularity::queue {

// The name of the queue that has the alias, as it was committed last or this transaction has changed it. Both
// names are in lower case.
std::optional<std::string> find_alias(std::string_view folded_alias);

}  // namespace singularity::queue
