// The sandbox of a backbone: its launcher is started before anything else, while there are rights to keep,
// and Genesis gets the line to it. It ends by itself when the last holder of that line has ended.
#pragma once

#include "cluster/home.hpp"
#include "cluster/serve.hpp"
#include "core/config.hpp"
#include "sandbox/launcher.hpp"

namespace singularity::cli {

using SandboxLine = sandbox::ForkedLauncher;

sandbox::LauncherOptions launcher_options(const core::Config& config);

// It keeps the rights that we have now, and does nothing before it is told to begin. Nothing where no process
// can be had for it. `config` outlives it.
std::optional<SandboxLine> start_sandbox(const core::Config& config);

// Once the home is ours: it logs there, in a file of the home's owner.
void begin_sandbox(SandboxLine& line, const cluster::Home& home);

// Gives the line up and waits, within reason, until nothing of the sandbox is left.
void end_sandbox(SandboxLine& line);

// Genesis finds the line's number in its environment.
void hand_to(const SandboxLine& line, cluster::ServiceCommand& genesis);

// What `status` shows. `line` outlives it.
cluster::Neighbour as_neighbour(const SandboxLine& line, const core::Config& config,
                                const cluster::Home& home);

}  // namespace singularity::cli
