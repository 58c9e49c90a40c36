// What the tests of idioms share: recognising one idiom in a piece of code.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "analysis/analyze.hpp"

namespace singularity::analysis {

inline std::vector<Occurrence> recognise(std::string_view idiom, Language language, std::string_view text) {
    FileAnalysis analysis = analyze(language == Language::cpp ? "src/a.cpp" : "src/a.py", text, language);
    EXPECT_EQ(analysis.broken_functions, 0) << text;
    std::erase_if(analysis.occurrences, [&](const Occurrence& each) { return each.idiom != idiom; });
    return std::move(analysis.occurrences);
}

// The one occurrence of an idiom, which the test expects to be there.
inline Occurrence one(std::string_view idiom, Language language, std::string_view text) {
    auto found = recognise(idiom, language, text);
    EXPECT_EQ(found.size(), 1U) << text;
    return found.empty() ? Occurrence{} : found.front();
}

inline void expect_none(std::string_view idiom, Language language, std::string_view text) {
    for (const Occurrence& each : recognise(idiom, language, text))
        ADD_FAILURE() << each.pattern_name << " in\n" << text;
}

}  // namespace singularity::analysis
