// What a launcher does before it begins, by who it is.
#pragma once

#include <filesystem>

#include "sandbox/launcher.hpp"

namespace singularity::sandbox {

// The folder of the slots' locks, made where it is not there: the launcher mounts its own over it later.
// Throws SandboxError.
std::filesystem::path lock_folder(const LauncherOptions& options);

// The name's one keeper with its launchers; released with the last of them. Throws SandboxError where there
// is another that does not go within seconds.
core::Descriptor lock_name(const std::filesystem::path& folder, const std::string& name);

std::filesystem::path lock_of(const std::filesystem::path& folder, const std::string& name);

// Whether a lock file could be locked before patience ends.
bool lock_within_seconds(const core::Descriptor& lock);

// As root: nothing. Otherwise becomes the owner of a new user namespace, in which it may mount. Throws
// SandboxError where the machine forbids that, and says how to allow it.
void enter_user_namespace();

}  // namespace singularity::sandbox
