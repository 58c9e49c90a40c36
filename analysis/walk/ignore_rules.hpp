// The ignore files that hold for a folder: its own, those of the folders above, and the repository's.
//
// Immutable and shared: a folder's rules point to those of the folder around it. All paths are relative
// to the repository's top, '/' between parts.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/walk/ignore_pattern.hpp"

namespace singularity::analysis {

class IgnoreRules;
using IgnoreRulesPtr = std::shared_ptr<const IgnoreRules>;

class IgnoreRules {
public:
    // `text` is the content of an ignore file in `folder` ("" for the top). Gives `outer` itself where
    // the text has no pattern; `outer` may be null.
    static IgnoreRulesPtr add(IgnoreRulesPtr outer, std::string_view folder, std::string_view text);

    // Whether the last pattern that matches, in the innermost file that has one, ignores the path. What
    // lies in an ignored folder is never asked about: git does not look there either.
    static bool ignores(const IgnoreRulesPtr& rules, std::string_view path, bool is_folder);

private:
    IgnoreRulesPtr outer_;
    std::string prefix_;  // of the paths that the patterns see the rest of: "src/", or ""
    std::vector<IgnorePattern> patterns_;
};

}  // namespace singularity::analysis
