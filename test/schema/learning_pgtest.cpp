#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <thread>

#include "backbone.hpp"
#include "core/format.hpp"

namespace singularity::schema::test {
namespace {

constexpr std::string_view kLearn =
    "select concat_ws(' ', analyzed, patterns_changed, queued) from public.learn_patterns_from_analysis()";

// What learning made, without ids and times.
constexpr std::string_view kOutcome =
    "select md5(string_agg(concat_ws('|', name, ecosystem, idiom, shape, description, best_practices, "
    "confidence,"
    " occurrences, files, evidence, example), E'\\n' order by ecosystem, name))"
    " from public.learned_patterns where occurrences > 0";

struct Occurrence {
    std::string pattern = "retry/loop-sleep-abc123";
    double confidence = 1;
    int line = 10;
    std::string code = "for (;;) try_again();";
};

// The statement that analyze_code runs for one file.
std::string analysed(const std::string& path, const std::string& content,
                     const std::vector<Occurrence>& occurrences, int version = 1) {
    std::string list;
    for (const Occurrence& each : occurrences) {
        list += core::format(
            "{}{{\"idiom\": \"retry\", \"language\": \"cpp\", \"shape\": \"(loop)\", \"shape_hash\": \"abc\","
            " \"pattern_name\": \"{}\", \"description\": \"A call is tried again.\", \"function\": \"f\","
            " \"start_line\": {}, \"end_line\": {}, \"confidence\": {}, \"snippet\": \"{}\","
            " \"best_practices\": [\"cap the delay\"]}}",
            list.empty() ? "" : ", ", each.pattern, each.line, each.line + 5, each.confidence, each.code);
    }
    const auto slash = path.rfind('/');
    return core::format(
        "insert into public.analysis_results as known (repository, path, folder, language, content_hash,"
        " analyzer_version, result) values ('/src', '{}', '{}', 'cpp', encode(sha256('{}'), 'hex'), {},"
        " '{{\"occurrences\": [{}]}}') on conflict (repository, path) do update set"
        " content_hash = excluded.content_hash, analyzer_version = excluded.analyzer_version,"
        " result = excluded.result;",
        path, slash == std::string::npos ? "." : path.substr(0, slash), content, version, list);
}

class Learning : public testing::Test {
protected:
    void SetUp() override { clear(); }
    void TearDown() override { clear(); }

    void clear() {
        database_.script(
            "delete from public.analysis_results; delete from public.learned_patterns;"
            "select pgmq.purge_queue('centralcloud-new-patterns')");
    }

    std::string learn() { return database_.value(kLearn); }
    std::string confidence() { return database_.value("select confidence from public.learned_patterns"); }

    Database database_{"singularity", "singularity"};
};

TEST_F(Learning, turns_occurrences_into_a_pattern_with_evidence_and_a_message) {
    database_.script(analysed("a/x.cpp", "one", {{.confidence = 0.9}, {.confidence = 0.7, .line = 40}}));
    EXPECT_EQ(learn(), "1 1 1");
    EXPECT_EQ(database_.value("select concat_ws(' ', name, ecosystem, files, occurrences, revision)"
                              " from public.learned_patterns"),
              "retry/loop-sleep-abc123 cpp 1 2 1");
    EXPECT_EQ(confidence(), "0.533333");  // 0.8 * 1 / 1.5
    EXPECT_EQ(database_.value("select evidence #- '{0,content_hash}' from public.learned_patterns"),
              R"([{"path": "a/x.cpp", "folder": "a", "end_line": 15, "function": "f", "confidence": 0.8, )"
              R"("repository": "/src", "start_line": 10, "occurrences": 2}])");
    EXPECT_EQ(database_.value("select evidence #>> '{0,content_hash}' = encode(sha256('one'), 'hex')"
                              " from public.learned_patterns"),
              "true");
    EXPECT_EQ(database_.value("select example ->> 'start_line' from public.learned_patterns"), "10");
    EXPECT_EQ(
        database_.value("select concat_ws(' ', message ->> 'instance_id', message ->> 'revision',"
                        " message ->> 'confidence', message #>> '{evidence,0,path}') from public.outbox"),
        "singularity 1 0.533333 a/x.cpp");
}

TEST_F(Learning, changes_nothing_the_second_time) {
    const std::string file = analysed("a/x.cpp", "one", {{}});
    database_.script(file);
    EXPECT_EQ(learn(), "1 1 1");
    EXPECT_EQ(learn(), "0 0 0");
    database_.script(file);
    EXPECT_EQ(learn(), "0 0 0") << "the same content is not learned again";
    database_.script(analysed("a/x.cpp", "one", {{}}, 2));
    EXPECT_EQ(learn(), "1 0 0") << "a new analyzer that finds the same changes no pattern";
    EXPECT_EQ(database_.value("select count(*) from public.outbox"), "1");
}

TEST_F(Learning, replaces_the_evidence_of_a_changed_file) {
    database_.script(analysed("a/x.cpp", "one", {{}}));
    learn();
    database_.script(analysed("a/x.cpp", "two", {{.pattern = "memo/map-000001"}}));
    EXPECT_EQ(learn(), "1 2 2");
    EXPECT_EQ(
        database_.column("select concat_ws(' ', name, files, confidence, revision, example = '{}')"
                         " from public.learned_patterns order by name"),
        (std::vector<std::string>{"memo/map-000001 1 0.666667 1 f", "retry/loop-sleep-abc123 0 0 2 t"}));
}

TEST_F(Learning, publishes_a_pattern_whose_evidence_is_gone) {
    database_.script(analysed("a/x.cpp", "one", {{}}));
    learn();
    EXPECT_EQ(database_.value("select public.forget_analysis('/src', '{a/x.cpp,a/never.cpp}')"), "1");
    EXPECT_EQ(learn(), "0 1 1");
    EXPECT_EQ(database_.value(
                  "select concat_ws(' ', message ->> 'confidence', message -> 'evidence', message ->"
                  " 'example', message ->> 'description') from public.outbox order by msg_id desc limit 1"),
              "0 [] {} A call is tried again.");
    EXPECT_EQ(learn(), "0 0 0");
}

TEST_F(Learning, counts_contents_not_copies) {
    database_.script(analysed("a/x.cpp", "same", {{}}) + analysed("b/y.cpp", "same", {{}}));
    learn();
    EXPECT_EQ(confidence(), "0.666667");
    EXPECT_EQ(database_.value("select concat_ws(' ', files, occurrences) from public.learned_patterns"),
              "1 1");
}

TEST_F(Learning, counts_five_contents_of_a_folder) {
    for (int i = 0; i < 9; ++i) {
        database_.script(analysed(core::format("a/{}.cpp", i), core::format("content {}", i), {{}}));
    }
    learn();
    EXPECT_EQ(confidence(), "0.909091");  // 5 / 5.5
    EXPECT_EQ(database_.value("select concat_ws(' ', files, jsonb_array_length(evidence))"
                              " from public.learned_patterns"),
              "9 5");
}

TEST_F(Learning, counts_twenty_contents_in_all) {
    for (int i = 0; i < 25; ++i) {
        database_.script(analysed(core::format("{}/x.cpp", i), core::format("content {}", i), {{}}));
    }
    learn();
    EXPECT_EQ(confidence(), "0.97561");  // 20 / 20.5
    EXPECT_EQ(database_.value("select jsonb_array_length(evidence) from public.learned_patterns"), "20");
}

TEST_F(Learning, takes_the_clearest_occurrence_as_the_example) {
    database_.script(analysed("a/x.cpp", "one", {{.confidence = 0.9, .code = "vague"}}) +
                     analysed("b/y.cpp", "two", {{.confidence = 1, .code = "clear"}}));
    learn();
    EXPECT_EQ(database_.value("select example ->> 'code' from public.learned_patterns"), "clear");
}

TEST_F(Learning, does_not_depend_on_the_order_of_arrival) {
    std::vector<std::string> files(40);
    for (int i = 0; i < 40; ++i) {
        files[i] = analysed(core::format("{}/{}.cpp", i % 6, i), core::format("content {}", i % 33),
                            {{.pattern = core::format("p/{}", i % 3), .confidence = 0.61 + 0.01 * (i % 37)},
                             {.pattern = core::format("p/{}", i % 5), .confidence = 0.73 + 0.01 * (i % 7)}});
    }
    std::string expected;
    std::mt19937 random(7);
    for (int round = 0; round < 4; ++round) {
        clear();
        std::ranges::shuffle(files, random);
        for (std::size_t i = 0; i < files.size(); ++i) {
            database_.script(files[i]);
            if (i % (round * 3 + 2) == 0) learn();
        }
        learn();
        if (round == 0) expected = database_.value(kOutcome);
        else EXPECT_EQ(database_.value(kOutcome), expected) << "round " << round;
    }
}

TEST_F(Learning, two_learners_at_once_learn_each_file_once) {
    for (int i = 0; i < 60; ++i) {
        database_.script(analysed(core::format("{}/{}.cpp", i, i), core::format("content {}", i),
                                  {{.pattern = core::format("p/{}", i % 4)}}));
    }
    std::vector<std::string> results(4);
    std::vector<std::thread> threads;
    threads.reserve(results.size());
    for (std::string& result : results) {
        threads.emplace_back([&result] {
            Database database("singularity", "singularity");
            result = database.value(kLearn);
        });
    }
    for (std::thread& thread : threads) thread.join();
    std::ranges::sort(results);
    EXPECT_EQ(results, (std::vector<std::string>{"0 0 0", "0 0 0", "0 0 0", "60 4 4"}));
}

TEST_F(Learning, learns_while_files_are_stored_and_forgotten) {
    std::atomic<bool> storing = true;
    std::thread storer([&storing] {
        Database database("singularity", "singularity");
        for (int i = 0; i < 200; ++i) {
            database.script(
                analysed(core::format("{}/x.cpp", i % 20), core::format("content {}", i),
                         {{.pattern = core::format("p/{}", i % 3)}, {.pattern = "p/all", .line = 90}}));
        }
        storing = false;
    });
    std::thread forgetter([&storing] {
        Database database("singularity", "singularity");
        for (int i = 0; storing; ++i) {
            database.script(core::format("select public.forget_analysis('/src', '{{{}/x.cpp,{}/x.cpp}}')",
                                         i % 20, (i + 7) % 20));
        }
    });
    while (storing) learn();
    storer.join();
    forgetter.join();
    learn();
    EXPECT_EQ(database_.value(
                  "select count(*) from public.learned_patterns p where stale or occurrences <> coalesce("
                  "(select count(distinct a.content_hash) from public.pattern_occurrences o"
                  " join public.analysis_results a on a.id = o.analysis_id where o.pattern_id = p.id), 0)"),
              "0");
}

TEST_F(Learning, messages_are_unique_by_pattern_and_revision_and_the_same_in_every_run) {
    constexpr std::string_view kIds =
        "select string_agg(learning.request_id(i, u, n, 'cpp', r)::text, ' ' order by i, u, n, r)"
        " from unnest('{a,b}'::text[]) i, unnest('{x,y}'::text[]) n, generate_series(1, 3) r,"
        " unnest('{01ARZ3NDEKTSV4RRFFQ69G5FAV,01BX5ZZKBKACTAV9WEVGEMMVRY}'::ulid[]) u";
    const std::string ids = database_.value(kIds);
    EXPECT_EQ(ids, database_.value(kIds));
    const std::string count = "select count(distinct id) from string_to_table('" + ids + "', ' ') id";
    EXPECT_EQ(database_.value(count), "24");
    EXPECT_EQ(ids.substr(14, 1), "8");
}

TEST_F(Learning, refuses_results_that_it_could_not_learn_from) {
    for (
        const std::string_view result :
        {R"([])", R"({"occurrences": 1})", R"({"occurrences": null})", R"({"occurrences": [{}]})",
         R"({"occurrences": [{"idiom": "i", "language": "cpp", "pattern_name": "p", "confidence": "high"}]})",
         R"({"occurrences": [{"idiom": "i", "language": "cpp", "pattern_name": "p", "confidence": 1.5}]})",
         R"({"occurrences": [{"idiom": "i", "language": "cpp", "pattern_name": "", "confidence": 1}]})",
         R"({"occurrences": [{"idiom": 1, "language": "cpp", "pattern_name": "p", "confidence": 1}]})",
         R"({"occurrences": [{"idiom": "i", "language": "cpp", "pattern_name": "p", "confidence": 1, "start_line": "x"}]})",
         R"({"occurrences": [{"idiom": "i", "language": "cpp", "pattern_name": "p", "confidence": 1, "end_line": 1.5}]})",
         R"({"occurrences": [{"idiom": "i", "language": "cpp", "pattern_name": "p", "confidence": 1, "best_practices": "x"}]})"}) {
        EXPECT_EQ(database_.failure(
                      core::format("insert into public.analysis_results (result) values ('{}')", result)),
                  "23514")
            << result;
    }
}

TEST_F(Learning, takes_an_analysis_that_names_nothing_but_its_result) {
    database_.script(
        "insert into public.analysis_results (result, confidence) values ('{\"summary\": \"fine\"}', 0.95);"
        "insert into public.analysis_results (result) values ('{\"occurrences\": [{\"idiom\": \"i\","
        " \"language\": \"elixir\", \"pattern_name\": \"p\", \"confidence\": 1}]}')");
    EXPECT_EQ(learn(), "2 1 1");
}

}  // namespace
}  // namespace singularity::schema::test
