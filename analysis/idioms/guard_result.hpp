// Guarded error handling without exceptions: the outcome of a call is tested, and a bad one leaves.
#pragma once

#include "analysis/idioms/idiom.hpp"

namespace singularity::analysis {

void find_guarded_result(const Function& function, Findings& findings);

}  // namespace singularity::analysis
