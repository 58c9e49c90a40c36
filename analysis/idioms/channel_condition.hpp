// Producer and consumer over a container, a lock and a condition variable.
#pragma once

#include "analysis/idioms/idiom.hpp"

namespace singularity::analysis {

void find_condition_queue(const Function& function, Findings& findings);

}  // namespace singularity::analysis
