// How a box ended, in the words of a job's result.
#pragma once

#include "messages/job_result.hpp"
#include "sandbox/box.hpp"

namespace singularity::services::genesis {

enum class Phase { compile, run };

// A process of the box that was killed for want of memory decides, whatever its parent made of it: a compiler
// whose part was killed only says that it failed.
std::string verdict_of(const sandbox::Ending& ending, Phase phase);

// Verdict, phase, exit code, signal, tier and usage; of memory and processes the larger of both phases.
void tell_ending(messages::JobResult& result, const sandbox::Ending& ending, Phase phase);

}  // namespace singularity::services::genesis
