// Where a folder lies in its git repository, and which rules hold before the folder itself is read.
#pragma once

#include <filesystem>
#include <string>

#include "analysis/walk/ignore_rules.hpp"

namespace singularity::analysis {

struct RepositoryPlace {
    std::string prefix;    // from the repository's top to the folder: "", or "src/lib"
    IgnoreRulesPtr rules;  // .git/info/exclude and the .gitignore of every folder above; may be null
};

// `folder` is absolute and resolved. Outside of a repository: no prefix, no rules.
RepositoryPlace place_in_repository(const std::filesystem::path& folder);

}  // namespace singularity::analysis
