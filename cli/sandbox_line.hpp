// The sandbox of a backbone: its launcher is started before anything else, while there are rights to keep,
// and Genesis gets the line to it. It ends by itself when the last holder of that line has ended.
#pragma once

#include "cluster/serve.hpp"
#include "core/config.hpp"
#include "core/descriptor.hpp"
#include "sandbox/launcher.hpp"

namespace singularity::cli {

struct SandboxLine {
    core::Descriptor descriptor;
    core::Descriptor ended;  // at its end when the launcher and its keeper have ended
};

sandbox::LauncherOptions launcher_options(const core::Config& config);

// Nothing where no process can be had for it. `silent`: it must not hold our output open.
std::optional<SandboxLine> start_sandbox(const core::Config& config, bool silent);

// Gives the line up and waits, within reason, until nothing of the sandbox is left.
void end_sandbox(SandboxLine& line);

// Genesis finds the line's number in its environment.
void hand_to(const SandboxLine& line, cluster::ServiceCommand& genesis);

// What `status` shows. `line` outlives it.
cluster::Neighbour as_neighbour(const SandboxLine& line, const core::Config& config);

}  // namespace singularity::cli
