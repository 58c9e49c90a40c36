// The parts of the scoped resource, by language and form; scope.cpp puts them together.
#pragma once

#include "analysis/idioms/idiom.hpp"

namespace singularity::analysis {

void find_with(const Function& function, Findings& findings);             // Python's with
void find_try_finally(const Function& function, Findings& findings);      // acquire, try, finally release
void find_context_manager(const Function& function, Findings& findings);  // @contextmanager, __exit__
void find_guard_object(const Function& function,
                       Findings& findings);  // C++ locals that live for their destructor
void find_destructor(const Function& function, Findings& findings);  // C++ destructors that release

// Names of operations that take something (acquire, lock, open, …) and that give it back (close, …).
bool is_acquire_name(std::string_view name);
bool is_release_name(std::string_view name);

}  // namespace singularity::analysis
