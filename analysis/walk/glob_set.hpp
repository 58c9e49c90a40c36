// The part of a glob between brackets: [abc], [!a-z], [[:digit:]_].
#pragma once

#include <bitset>
#include <string_view>

namespace singularity::analysis {

struct GlobSet {
    std::bitset<256> bytes;  // never the slash
    std::size_t past;        // behind the closing bracket, npos when there is none
};

// `at` is the position of the opening bracket.
GlobSet read_glob_set(std::string_view pattern, std::size_t at);

}  // namespace singularity::analysis
