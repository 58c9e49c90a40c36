// The lines of an idiom, as they are shown to people.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace singularity::analysis {

inline constexpr std::size_t kSnippetLines = 40;
inline constexpr std::size_t kSnippetBytes = 4096;

// Whole lines from the one that holds byte `begin` to the one that holds byte `end - 1`, without the
// indentation that all of them share; cut at the end of a line where a limit is met. A single line
// beyond the limit is cut between UTF-8 characters.
std::string snippet(std::string_view text, std::size_t begin, std::size_t end);

}  // namespace singularity::analysis
