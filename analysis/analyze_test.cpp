#include "analysis/analyze.hpp"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "analysis/json.hpp"

namespace singularity::analysis {
namespace {

using testing::ElementsAre;
using testing::MatchesRegex;

constexpr std::string_view kText = R"(import threading

class Store:
    def __init__(self):
        self.lock = threading.Lock()
        self.pages = {}

    def page(self, name):
        with self.lock:
            try:
                return self.pages[name].copy()
            except KeyError:
                log.info("reading %s", name)
        page = read(name)
        return page

    async def twice(self):
        async def inner():
            with open("x") as file:
                return file.read()
        return await inner()
)";

TEST(Analyze, tells_where_each_occurrence_stands) {
    const FileAnalysis analysis = analyze("lib/store.py", kText, Language::python);
    EXPECT_EQ(analysis.path, "lib/store.py");
    EXPECT_EQ(analysis.folder, "lib");
    EXPECT_EQ(analysis.language, "python");
    EXPECT_EQ(analysis.bytes, static_cast<std::int64_t>(kText.size()));
    EXPECT_EQ(analysis.functions, 4);
    EXPECT_EQ(analysis.broken_functions, 0);
    EXPECT_FALSE(analysis.limit_reached);
    ASSERT_EQ(analysis.occurrences.size(), 3U);
    const Occurrence& held = analysis.occurrences[0];
    EXPECT_EQ(held.function, "Store.page");
    EXPECT_EQ(held.start_line, 8);
    EXPECT_EQ(held.end_line, 15);
    EXPECT_EQ(held.idiom, "scoped-resource");
    EXPECT_EQ(analysis.occurrences[1].idiom, "guarded-error-handling");
    EXPECT_EQ(analysis.occurrences[2].function, "Store.twice.inner");
    EXPECT_EQ(analyze("top.py", "", Language::python).folder, ".");
}

TEST(Analyze, names_a_pattern_by_idiom_words_and_hash) {
    const FileAnalysis analysis = analyze("lib/store.py", kText, Language::python);
    for (const Occurrence& each : analysis.occurrences) {
        EXPECT_THAT(each.pattern_name, MatchesRegex("[a-z-]+/[a-z-]+-[0-9a-f]{6}"));
        EXPECT_TRUE(each.pattern_name.starts_with(each.idiom + "/"));
        EXPECT_TRUE(each.pattern_name.ends_with("-" + each.shape_hash.substr(0, 6)));
        EXPECT_EQ(each.shape_hash.size(), 64U);
        EXPECT_TRUE(each.description.ends_with("."));
        EXPECT_GE(each.confidence, 0.5);
        EXPECT_LE(each.confidence, 1);
    }
}

// Stored names and hashes must not drift: a change here is a new kAnalyzerVersion.
TEST(Analyze, gives_the_names_that_are_stored) {
    const FileAnalysis analysis = analyze("lib/store.py", kText, Language::python);
    EXPECT_EQ(analysis.occurrences[0].pattern_name, "scoped-resource/with-held-object-return-140ee2");
    EXPECT_EQ(analyze("a.py", "", Language::python).content_hash,
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Analyze, gives_the_same_bytes_on_every_thread) {
    const std::string expected = boost::json::serialize(to_json(analyze("a.py", kText, Language::python)));
    std::vector<std::string> results(8);
    {
        std::vector<std::jthread> threads;
        threads.reserve(results.size());
        for (std::string& result : results)
            threads.emplace_back([&result] {
                for (int i = 0; i < 20; ++i) {
                    (void)analyze("b.cpp", "void f() { std::scoped_lock lock(m_); }", Language::cpp);
                    result = boost::json::serialize(to_json(analyze("a.py", kText, Language::python)));
                }
            });
    }
    for (const std::string& result : results) EXPECT_EQ(result, expected);
}

TEST(Analyze, keeps_one_occurrence_of_a_shape_in_a_function) {
    const FileAnalysis analysis = analyze("a.py",
                                          "def f(p):\n    with a() as x:\n        g()\n    with b() as y:\n  "
                                          "      h(y)\n    with c() as z:\n        i(z)\n",
                                          Language::python);
    ASSERT_EQ(analysis.occurrences.size(), 1U);
    EXPECT_EQ(analysis.occurrences[0].confidence, 1);
    EXPECT_TRUE(analysis.occurrences[0].snippet.starts_with("with b() as y"));
}

TEST(Analyze, knows_its_idioms_and_their_good_form) {
    EXPECT_THAT(idioms(), ElementsAre("guarded-error-handling", "memoisation", "producer-consumer",
                                      "retry-with-backoff", "scoped-resource"));
    for (const std::string& idiom : idioms()) EXPECT_EQ(best_practices(idiom).size(), 4U);
    EXPECT_TRUE(best_practices("unheard-of").empty());
}

TEST(AnalysisJson, comes_back_as_it_went) {
    const FileAnalysis analysis = analyze("lib/store.py", kText, Language::python);
    const auto text = boost::json::serialize(to_json(analysis));
    const auto back = file_analysis_from_json(boost::json::parse(text));
    ASSERT_TRUE(back);
    EXPECT_EQ(boost::json::serialize(to_json(*back)), text);
    EXPECT_EQ(back->occurrences[2].snippet, analysis.occurrences[2].snippet);
}

TEST(AnalysisJson, refuses_what_is_missing_or_mistyped_by_its_name) {
    auto value = to_json(analyze("lib/store.py", kText, Language::python));
    const auto message_without = [&](auto change) {
        auto changed = value;
        change(changed);
        const auto read = file_analysis_from_json(changed);
        return read ? std::string() : read.error().message;
    };
    EXPECT_EQ(message_without([](auto& v) { v.as_object().erase("folder"); }),
              "a file's analysis has no valid \"folder\"");
    EXPECT_EQ(message_without([](auto& v) { v.as_object()["functions"] = "4"; }),
              "a file's analysis has no valid \"functions\"");
    EXPECT_EQ(message_without([](auto& v) { v.at("occurrences").at(0).as_object()["elements"] = {1}; }),
              "an occurrence has no valid \"elements\"");
    EXPECT_EQ(message_without([](auto& v) { v = 3; }), "a file's analysis is not a JSON object");
    EXPECT_EQ(message_without([](auto& v) { v.as_object()["later"] = true; }), "");
}

}  // namespace
}  // namespace singularity::analysis
