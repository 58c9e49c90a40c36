// What a file says once and its functions rely on: gathered in one pass, before the functions are read.
#pragma once

#include <string_view>
#include <vector>

#include "analysis/syntax/code.hpp"

namespace singularity::analysis {

struct FileFacts {
    std::vector<std::string_view> queues;  // names that are made from a type whose name says queue or channel
    std::vector<std::string_view> owners;  // C++ aliases of std::unique_ptr<T, Deleter>
};

FileFacts gather_facts(const Code& code);

}  // namespace singularity::analysis
