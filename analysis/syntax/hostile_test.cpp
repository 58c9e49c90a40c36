// Files that are broken, or made to break their reader. Run with sanitizers, these are the tests that matter.

#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "analysis/analyze.hpp"
#include "analysis/syntax/code.hpp"
#include "analysis/syntax/parser.hpp"

namespace singularity::analysis {
namespace {

std::string repeated(std::string_view text, std::size_t count) {
    std::string result;
    for (std::size_t i = 0; i < count; ++i) result += text;
    return result;
}

TEST(BrokenCode, leaves_out_the_broken_function_alone) {
    const FileAnalysis python = analyze("a.py", R"(
def good(path):
    with open(path) as file:
        return file.read()

def bad(path):
    with open(path) as file:
        return file.read((

def also_good(path):
    with open(path) as file:
        return file.read()
)",
                                        Language::python);
    EXPECT_GE(python.broken_functions, 1);
    ASSERT_GE(python.occurrences.size(), 1U);
    EXPECT_EQ(python.occurrences.front().function, "good");

    const FileAnalysis cpp = analyze("a.cpp",
                                     "int good() { std::scoped_lock lock(m_); return n_; }\n"
                                     "int bad() { std::scoped_lock lock(m_); return n_ +* ; }\n"
                                     "int also_good() { std::scoped_lock lock(m_); return n_; }\n",
                                     Language::cpp);
    EXPECT_EQ(cpp.functions, 3);
    EXPECT_EQ(cpp.broken_functions, 1);
    ASSERT_EQ(cpp.occurrences.size(), 2U);
    EXPECT_EQ(cpp.occurrences.back().function, "also_good");
}

TEST(BrokenCode, makes_its_file_incomplete) {
    EXPECT_TRUE(analyze("a.py", "def f(:\n    return (\n", Language::python).incomplete);
    EXPECT_TRUE(analyze("a.cpp", "int f( { { {{ class ;;\n template <", Language::cpp).incomplete);
    EXPECT_FALSE(analyze("a.py", "def f():\n    return 1\n", Language::python).incomplete);
    EXPECT_FALSE(analyze("a.py", "", Language::python).incomplete);
    EXPECT_FALSE(analyze("a.cpp", "SOME_MACRO(a b)\nint f() { return 1; }\n", Language::cpp).incomplete);
}

TEST(BrokenCode, is_nothing_but_text) {
    for (const std::string_view text :
         {"", "\n", "@@@@", "}}}}{{{{", "def", "\xEF\xBB\xBF", "catch (", "\"\"\"", "R\"("})
        for (const Language language : {Language::cpp, Language::python})
            EXPECT_TRUE(analyze("a", text, language).occurrences.empty()) << text;
}

TEST(HostileCode, may_nest_as_deep_as_it_likes) {
    constexpr std::size_t kDeep = 20'000;
    const std::string brackets =
        "int f() { return " + repeated("(", kDeep) + "1" + repeated(")", kDeep) + "; }";
    const std::string blocks = "void f() " + repeated("{", kDeep) + repeated("}", kDeep);
    const std::string lambdas =
        "auto x = " + repeated("[]{ return ", 2000) + "1" + repeated("; }", 2000) + ";";
    const std::string lists = "def f():\n    return " + repeated("[", kDeep) + repeated("]", kDeep) + "\n";
    const std::string nots = "def f():\n    return " + repeated("not ", kDeep) + "x\n";
    std::string ifs = "def f():\n";
    for (std::size_t i = 1; i < 900; ++i) ifs += std::string(i, ' ') + "if x:\n";
    ifs += std::string(900, ' ') + "pass\n";
    for (const std::string& text : {brackets, blocks, lambdas}) (void)analyze("a.cpp", text, Language::cpp);
    for (const std::string& text : {lists, nots, ifs}) (void)analyze("a.py", text, Language::python);
    EXPECT_EQ(analyze("a.cpp", brackets, Language::cpp).broken_functions, 1);
}

TEST(HostileCode, ends_in_bounded_time) {
    for (const std::string_view unit :
         {"(", "{", "[", "<", "\"", "if (", "try {", "a<b<", "template<", "x ? ", "&&", "#if 1\n"})
        (void)analyze("a.cpp", repeated(unit, 50'000 / unit.size()), Language::cpp);
    for (const std::string_view unit :
         {"(", "{", "[", "'", "lambda:", "if x:\n", "try:\n", "f'{", "x=", "@", "not "})
        (void)analyze("a.py", repeated(unit, 50'000 / unit.size()), Language::python);
    SUCCEED();
}

TEST(HostileCode, with_thousands_of_sites_in_a_function_is_left_out) {
    std::string text = "def f(self, k):\n";
    for (int i = 0; i < 20'000; ++i) text += "    if k in self.a: return self.a[k]\n    self.a[k] = g(k)\n";
    const FileAnalysis analysis = analyze("a.py", text, Language::python);
    EXPECT_EQ(analysis.functions, 1);
    EXPECT_EQ(analysis.broken_functions, 1);
    EXPECT_TRUE(analysis.occurrences.empty());
}

TEST(Parser, gives_up_at_its_limit_and_serves_the_next_text) {
    const std::string text = repeated("int f() { return g(1, 2, 3); }\n", 20'000);
    EXPECT_EQ(parse(text, grammar(Language::cpp), std::chrono::microseconds(1)), nullptr);
    const auto next = Code::read("int f() { return 1; }", Language::cpp);
    ASSERT_TRUE(next);
    EXPECT_FALSE((*next)[0].broken);
}

}  // namespace
}  // namespace singularity::analysis
