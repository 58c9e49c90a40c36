// What keepers left that were killed together with their launchers, so that nobody swept after them.
#pragma once

#include <filesystem>

namespace singularity::sandbox {

// Of each lock file of a launcher in `folder` that nobody holds: ends what runs in the groups of that name,
// removes these and the file. Removes files of slots that nobody holds. What has no lock file here may be
// somebody else's, and is left alone.
void sweep_after_gone_owners(const std::filesystem::path& folder);

}  // namespace singularity::sandbox
