// Files that are replaced as a whole: written beside and renamed, so that a reader sees the old
// content or the new one, and a crash leaves one of them.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.hpp"

namespace singularity::cluster {

enum class Durability { lasting, passing };  // lasting: survives a power cut too

core::Expected<void> replace_file(const std::filesystem::path& path, std::string_view content, mode_t mode,
                                  Durability durability = Durability::lasting);

// The same, but leaves a file alone that has this content and mode. True where it wrote.
core::Expected<bool> replace_if_different(const std::filesystem::path& path, std::string_view content,
                                          mode_t mode);

// None where it cannot be read.
std::optional<std::string> read_file(const std::filesystem::path& path);

}  // namespace singularity::cluster
