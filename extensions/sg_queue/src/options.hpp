// How a queue was configured: its row in queue.options.
#pragma once

#include <string_view>

#include "extensions/sg_queue/src/message.hpp"

namespace singularity::queue {

struct Options {
    bool memory_claims = false;
    bool turns = false;
    std::uint32_t max_in_flight = 0;            // 0: no limit
    std::uint32_t max_in_flight_per_group = 0;  // 0: no limit
    Time unique_for = Time{90} * 24 * 3600 * 1'000'000;
};

// As the row says that was committed last, or that this transaction has changed; the defaults where there is
// none. Whoever uses the queue may read it. `folded_name` is the queue's in lower case.
Options read_options(std::string_view folded_name);

}  // namespace singularity::queue
