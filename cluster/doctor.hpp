// `singularity doctor`: what is missing or unsafe on this machine and in this home, and what mends it.
// Looks only; changes nothing, and needs nothing to be running.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cluster/home.hpp"
#include "core/config.hpp"

namespace singularity::cluster {

enum class Verdict { ok, warn, fail };

std::string_view name_of(Verdict verdict);

struct Check {
    std::string name;
    Verdict verdict = Verdict::ok;
    std::string finding;  // what was found, and what it means
    std::string remedy;   // the command that mends it, or some lines; empty where all is well
};

std::vector<Check> examine(const core::Config& config);

// Its three parts.
std::vector<Check> examine_machine(const core::Config& config);
std::vector<Check> examine_home(const Home& home);
std::vector<Check> examine_server(const Home& home, const core::Config& config);

}  // namespace singularity::cluster
