// A flag's value that is a whole number: refused in a sentence that says which numbers are right.
#pragma once

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdint>
#include <limits>
#include <string>

#include "core/format.hpp"

namespace singularity::cli {

inline CLI::Validator whole_number(std::int32_t least) {
    const auto check = [least](const std::string& text) {
        std::int32_t number = 0;
        const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
        const bool whole = read.ec == std::errc{} && read.ptr == text.data() + text.size();
        if (whole && number >= least) return std::string();
        return core::format("\"{}\" is not a whole number from {} to {}", text, least,
                            std::numeric_limits<std::int32_t>::max());
    };
    return {check, core::format("INT >= {}", least)};
}

}  // namespace singularity::cli
