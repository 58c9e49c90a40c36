// Memoisation without a map of our own: a decorator, an attribute, a static local variable.
#pragma once

#include "analysis/idioms/idiom.hpp"

namespace singularity::analysis {

void find_memo_once(const Function& function, Findings& findings);

// The decorators of a Python function, outermost first: the called or named expression of each.
std::vector<NodeId> decorators(const Function& function);

// The last name of a decorator: "lru_cache" of @functools.lru_cache(maxsize=8).
std::string_view decorator_name(const Code& code, NodeId decorator);

}  // namespace singularity::analysis
