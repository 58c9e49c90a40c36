// What the operating system refused, as an error that a person can act on.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include "core/error.hpp"

namespace singularity::cluster {

// "WHAT: REASON" from errno or from `code`. A full disk gets a sentence that says what to do about it.
std::unexpected<core::Error> os_failure(std::string_view what);
std::unexpected<core::Error> os_failure(std::string_view what, std::error_code code);

// Whether a text that a program wrote complains about a full disk.
bool says_disk_full(std::string_view text);

// The sentence for a full disk; `path` is on it.
std::string disk_full_sentence(const std::filesystem::path& path);

}  // namespace singularity::cluster
