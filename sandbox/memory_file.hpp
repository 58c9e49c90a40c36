// A file in memory that nobody can change any more: payloads for process 1, and a program's input.
#pragma once

#include <string_view>

#include "core/descriptor.hpp"

namespace singularity::sandbox {

// Open for reading, at its beginning. Throws SandboxError.
core::Descriptor memory_file(std::string_view content);

}  // namespace singularity::sandbox
