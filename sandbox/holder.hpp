// What a launcher does before it begins, by who it is.
#pragma once

#include <filesystem>

#include "core/descriptor.hpp"
#include "sandbox/launcher.hpp"

namespace singularity::sandbox {

// The folder of the slots' locks, made where it is not there: the launcher mounts its own over it later.
// Throws SandboxError.
std::filesystem::path lock_folder(const LauncherOptions& options);

// The file's lock, where nobody has it: the file is made, unless `existing`, and is the one that lies there.
// `folder` as for openat.
// Who removes such a file holds its lock.
core::Descriptor try_lock(int folder, const std::filesystem::path& file, bool existing = false);

// Held by the name's one keeper and its launchers; released with the last of them.
std::filesystem::path lock_of(const std::filesystem::path& folder, const std::string& name);

// As root: nothing. Otherwise becomes the owner of a new user namespace, in which it may mount. Throws
// SandboxError where the machine forbids that, and says how to allow it.
void enter_user_namespace();

}  // namespace singularity::sandbox
