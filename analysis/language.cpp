#include "analysis/language.hpp"

#include <algorithm>
#include <array>

namespace singularity::analysis {

std::string_view name(Language language) {
    return language == Language::cpp ? "cpp" : "python";
}

std::optional<Language> language_of(std::string_view file_name) {
    constexpr std::array<std::string_view, 8> kCpp = {".cpp", ".cc", ".cxx", ".hpp",
                                                      ".hh",  ".h",  ".hxx", ".ipp"};
    constexpr std::array<std::string_view, 2> kPython = {".py", ".pyi"};
    const std::size_t dot = file_name.rfind('.');
    if (dot == std::string_view::npos || dot == 0) return std::nullopt;
    const std::string_view extension = file_name.substr(dot);
    if (std::ranges::contains(kCpp, extension)) return Language::cpp;
    if (std::ranges::contains(kPython, extension)) return Language::python;
    return std::nullopt;
}

}  // namespace singularity::analysis
