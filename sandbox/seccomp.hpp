// The system calls that a box may make. What is not on the list does not exist there (ENOSYS), so that
// programs fall back; what is known and denied says EPERM; another architecture's calls end the process.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace singularity::sandbox {

std::span<const std::string_view> allowed_calls();
std::span<const std::string_view> denied_calls();

// The filter as the kernel loads it. Throws SandboxError.
std::string seccomp_program();

}  // namespace singularity::sandbox
