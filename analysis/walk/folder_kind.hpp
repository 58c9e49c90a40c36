// Folders whose sources nobody of the project wrote: told by name, or by a file that a tool leaves there.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "analysis/tree_walk.hpp"

namespace singularity::analysis {

// By the name alone; a folder that is skipped so need not be listed.
std::optional<SkipReason> skip_by_name(std::string_view name);

// By the names of its entries: CMakeCache.txt, pyvenv.cfg, …. Also by the names that only may mean what
// a tool made ("build", "dist", "venv", …): not when the folder is a Python package.
std::optional<SkipReason> skip_by_content(std::string_view name, std::span<const std::string> entries);

}  // namespace singularity::analysis
