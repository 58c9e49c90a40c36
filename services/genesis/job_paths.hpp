// Names that a job may give to files, and text that it may have.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "messages/utf8.hpp"

namespace singularity::services::genesis {

// Why it is none that a workspace has; empty where it is one. Relative, plain, of printable characters: what
// is shown to a person must not steer the person's terminal.
std::string refuse_path(std::string_view path);

// What is wrong with text, after the name of what has it; empty for none.
std::string fault_text(messages::TextFault fault);

// The names of one job's files: each once, none a folder of another.
class JobPaths {
public:
    explicit JobPaths(const std::string& code) { files_.insert(code); }

    // Why it can't be added; empty where it was.
    std::string add(const std::string& path);

private:
    std::set<std::string> files_, folders_;
};

}  // namespace singularity::services::genesis
