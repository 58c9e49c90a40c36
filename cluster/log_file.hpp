// The log of one part: a file that the part itself writes, appending. The supervisor bounds its size
// and reads its end when a part has to be explained.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cluster/descriptor.hpp"
#include "core/error.hpp"

namespace singularity::cluster {

inline constexpr std::uintmax_t kLargestLog = 16U << 20;

core::Expected<Descriptor> open_log(const std::filesystem::path& path);

// Copies a file that has grown beyond `largest` to PATH.1, in place of the one before, and empties it.
// Who writes keeps on writing, at the beginning.
void rotate_log(const std::filesystem::path& path, std::uintmax_t largest = kLargestLog);

// The last lines that are not empty, oldest first; nothing before the byte `from`, where a part's
// present life began.
std::vector<std::string> last_log_lines(const std::filesystem::path& path, std::size_t count,
                                        std::uintmax_t from = 0);

// What explains a failure: the last line that complains, otherwise the last one. JSON lines become text.
std::string complaint_in(const std::vector<std::string>& lines);

}  // namespace singularity::cluster
