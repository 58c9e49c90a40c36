// Which version of each language this machine has, asked of the runtime itself, in a box.
#pragma once

#include <map>
#include <string>

#include "services/genesis/languages/table.hpp"

namespace singularity::services::genesis {

// Asked once, and again when the runtime's file has changed. Not thread-safe: one executor.
class LanguageVersions {
public:
    explicit LanguageVersions(sandbox::Sandbox& sandbox) : sandbox_(sandbox) {}

    // Empty where the runtime doesn't tell. Throws SandboxError.
    boost::asio::awaitable<std::string> of(const Language& language);

private:
    struct Known {
        std::filesystem::file_time_type changed;
        std::string version;
    };

    sandbox::Sandbox& sandbox_;
    std::map<std::string, Known> known_;
};

// The first number with a dot in it: "Python 3.13.5" has 3.13.5, "v20.19.2" has 20.19.2.
std::string version_in(std::string_view text);

}  // namespace singularity::services::genesis
