// A program's output on a terminal, where it may not do what terminals do when they are told to.
#pragma once

#include <string>
#include <string_view>

namespace singularity::cli {

// Control characters but line feed and tab, and bytes that are no UTF-8, become U+FFFD.
std::string tame(std::string_view bytes);

}  // namespace singularity::cli
