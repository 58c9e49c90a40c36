// The command line of bubblewrap for one box. docs/sandbox.md says what each part is for.
#pragma once

#include <string>
#include <vector>

#include "sandbox/box.hpp"
#include "sandbox/runtime_folder.hpp"

namespace singularity::sandbox {

inline constexpr const char* kBwrap = "/usr/bin/bwrap";

// Descriptors as bubblewrap finds them.
inline constexpr int kInitSocket = 3, kFilterFile = 4;

std::vector<std::string> bwrap_arguments(const RuntimeFolder& folder, unsigned slot,
                                         const std::vector<Mount>& mounts);

// Why a mount cannot be had in a box; nothing where it can.
std::optional<std::string> refuse_mount(const Mount& mount);

}  // namespace singularity::sandbox
