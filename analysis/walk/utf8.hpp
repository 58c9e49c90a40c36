// Well-formed UTF-8 as the Unicode standard's table 3-7 has it: no surrogates, no overlong forms.
#pragma once

#include <string>
#include <string_view>

namespace singularity::analysis {

bool is_utf8(std::string_view text);

// The text with every byte that is no part of a character written as \xNN.
std::string printable_utf8(std::string_view text);

}  // namespace singularity::analysis
