// One line of a .gitignore file, with git's full pattern semantics (gitignore(5)). Pure: no files.
#pragma once

#include <optional>
#include <string_view>

#include "analysis/walk/glob.hpp"

namespace singularity::analysis {

class IgnorePattern {
public:
    // Nothing for a blank line, a comment, and a pattern that can match nothing.
    static std::optional<IgnorePattern> parse(std::string_view line);

    // `path` is relative to the folder of the file that the line stands in, '/' between parts.
    bool matches(std::string_view path, bool is_folder) const;

    // `!pattern`: what it matches is taken back in.
    bool negated() const { return negated_; }

private:
    Glob glob_;
    bool negated_ = false;
    bool folders_only_ = false;
    bool anchored_ = false;  // holds a slash: matched against the whole path, otherwise the name alone
};

}  // namespace singularity::analysis
