// Bash, with everything that the machine has in /usr/bin.
#include "services/genesis/languages/all.hpp"

namespace singularity::services::genesis {

Language bash() {
    return {.name = "bash",
            .aliases = {"sh", "shell"},
            .version = {"/usr/bin/bash", "--version"},
            .file = "main.sh",
            .endings = {".sh", ".bash"},
            .needs = {{"/usr/bin/bash", "bash"}},
            .run = {.arguments = {"/usr/bin/bash", "main.sh", std::string(kArguments)}},
            .validate = {.arguments = for_each_source("bash -n"), .limits = compiling(256)},
            .lint = {.arguments = {"/usr/bin/shellcheck", "--shell=bash", "--format=gcc", "--color=never",
                                   std::string(kSources)},
                     .limits = compiling(512),
                     .needs = {{"/usr/bin/shellcheck", "shellcheck"}}}};
}

}  // namespace singularity::services::genesis
