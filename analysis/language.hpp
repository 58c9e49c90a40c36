// The languages that the analysis reads, and which file belongs to which, told by its extension.
#pragma once

#include <optional>
#include <string_view>

namespace singularity::analysis {

enum class Language { cpp, python };

// "cpp", "python": the ecosystem of a pattern, and what is stored.
std::string_view name(Language language);

// The language of a file name; nothing for every other kind of file.
std::optional<Language> language_of(std::string_view file_name);

}  // namespace singularity::analysis
