// Other people's code, as they wrote it, with its files: what it prints and returns in a box is what it
// prints and returns outside. It comes from packages: their examples and their own tests.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/format.hpp"
#include "services/genesis/test/job_fixture.hpp"

namespace singularity::services::genesis {

namespace {

namespace fs = std::filesystem;

const std::string kRuntimes = runtimes_folder();

struct Piece {
    const char* name;
    const char* language;
    std::string code;                                          // a file, or a text with line ends
    std::vector<std::pair<std::string, std::string>> files{};  // name in the folder, likewise
    std::vector<std::string> arguments{};
    std::string input{};
    const char* outside;     // a command of the shell, in a folder with the same files; $@ are the arguments
    std::string expected{};  // part of what it writes, so that two failures are no success
};

const std::string kToml = "/usr/share/doc/libtomlplusplus-dev/examples/";
const std::string kPgProtocol = kRuntimes + "/others-code/pg-protocol/src/";
const std::string kLexopt = "/usr/share/cargo/registry/lexopt-0.3.0/";

std::vector<Piece> pieces() {
    return {
        {.name = "the_doctests_of_difflib",
         .language = "python",
         .code = "/usr/lib/python3.13/doctest.py",
         .files = {{"lib/difflib.py", "/usr/lib/python3.13/difflib.py"}},
         .arguments = {"-v", "lib/difflib.py"},
         .outside = "/usr/bin/python3 main.py \"$@\"",
         .expected = "Test passed."},
        {.name = "the_command_of_jmespath",
         .language = "javascript",
         .code = kRuntimes + "/others-code/jmespath/jp.js",
         .files = {{"jmespath.js", kRuntimes + "/others-code/jmespath/jmespath.js"}},
         .arguments = {"people[?age > `20`].{name: name, tags: join(', ', tags)}"},
         .input = R"({"people": [{"name": "Ada", "age": 36, "tags": ["a", "b"]}, {"name": "Tim", "age": 9}]})"
                  "\n",
         .outside = "/usr/bin/node main.js \"$@\"",
         .expected = R"([{"name":"Ada","tags":"a, b"}])"},
        {.name = "the_serializer_tests_of_pg_protocol",
         .language = "typescript",
         .code = "import './mocha';\nimport './src/outbound-serializer.test';\n",
         .files = {{"mocha.ts",
                    "// What mocha gives to tests, as far as these need it.\ntype Body = () => void;\n"
                    "declare global {\n  var describe: (name: string, body: Body) => void;\n"
                    "  var it: (name: string, body: Body) => void;\n}\n"
                    "globalThis.describe = (name, body) => { console.log(name); body(); };\n"
                    "globalThis.it = (name, body) => { body(); console.log('  ' + name); };\nexport {};\n"},
                   {"src/outbound-serializer.test.ts", kPgProtocol + "outbound-serializer.test.ts"},
                   {"src/serializer.ts", kPgProtocol + "serializer.ts"},
                   {"src/buffer-writer.ts", kPgProtocol + "buffer-writer.ts"},
                   {"src/testing/buffer-list.ts", kPgProtocol + "testing/buffer-list.ts"}},
         .outside =
             "\"$RUNTIMES\"/typescript/lib/tsc main.ts --target es2023 --module commonjs "
             "--esModuleInterop "
             "--strict --skipLibCheck --types node --typeRoots \"$RUNTIMES\"/typescript/node_modules/@types "
             "&& /usr/bin/node main.js",
         .expected = "builds startup message"},
        {.name = "enough_of_zlib",
         .language = "c",
         .code = "/usr/share/doc/zlib1g-dev/examples/enough.c",
         .arguments = {"60", "9", "15"},
         .outside = "gcc-14 -O2 -o enough main.c && ./enough \"$@\"",
         .expected = "maximum of"},
        {.name = "toml_to_json_of_tomlplusplus",
         .language = "cpp",
         .code = kToml + "toml_to_json_transcoder.cpp",
         .files = {{"examples.hpp", kToml + "examples.hpp"}, {"example.toml", kToml + "example.toml"}},
         .arguments = {"example.toml"},
         .outside = "g++-14 -std=c++23 -O2 -o transcode main.cpp && ./transcode \"$@\"",
         .expected = "TOML Example"},
        {.name = "hello_of_lexopt",
         .language = "rust",
         .code = "mod lexopt;\nuse lexopt::Error;\ninclude!(\"hello.rs\");\n",
         .files = {{"hello.rs", kLexopt + "examples/hello.rs"}, {"lexopt.rs", kLexopt + "src/lib.rs"}},
         .arguments = {"-n2", "--shout", "wörld"},
         .outside = "/usr/bin/rustc --edition 2021 -O -A warnings -o hello main.rs && ./hello \"$@\"",
         .expected = "HELLO WÖRLD\nHELLO WÖRLD\n"},
        {.name = "an_ordered_map_of_gos_tests",
         .language = "go",
         .code = "/usr/share/go-1.24/test/typeparam/orderedmap.go",
         .outside = "cp -r \"$RUNTIMES\"/go-cache .cache && HOME=$PWD CGO_ENABLED=0 GOFLAGS=-mod=mod "
                    "GOCACHE=$PWD/.cache /usr/bin/go build -o "
                    "ordered main.go && ./ordered"},
        {.name = "solitaire_of_gos_tests",
         .language = "go",
         .code = "/usr/share/go-1.24/test/solitaire.go",
         .outside = "cp -r \"$RUNTIMES\"/go-cache .cache && HOME=$PWD CGO_ENABLED=0 GOFLAGS=-mod=mod "
                    "GOCACHE=$PWD/.cache /usr/bin/go build -o "
                    "solitaire main.go && ./solitaire",
         .expected = "moves tried"},
        {.name = "the_getopt_example_of_util_linux",
         .language = "bash",
         .code = "/usr/share/doc/util-linux/examples/getopt-example.bash",
         .arguments = {"-a", "-b", "long argument", "--c-long=optional", "rest", "of 'them'"},
         .outside = "/usr/bin/bash main.sh \"$@\"",
         .expected = "rest"},
        {.name = "simple_xml_of_nimble_parsec",
         .language = "elixir",
         .code = "/usr/share/doc/elixir-nimble-parsec/examples/simple_xml.exs",
         .outside = "/usr/bin/elixir main.exs",
         .expected = "{:ok, [{:foo, [], \"bar\"}]"},
        {.name = "the_functions_of_pgtap",
         .language = "sql",
         .code = "/usr/share/postgresql/17/extension/pgtap.sql",
         .outside = "psql -X -q -c 'create database others_code' && trap \"psql -X -q -c 'drop database "
                    "others_code'\" EXIT "
                    "&& psql -X -v ON_ERROR_STOP=1 -d others_code -f main.sql",
         .expected = "CREATE FUNCTION"},
    };
}

std::string content_of(const std::string& where) {
    if (where.contains('\n')) return where;
    std::ifstream file(where, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

struct Result {
    int exit_code = -1;
    std::string out, err;
};

std::string in_quotes(std::string_view text) {
    std::string result = "'";
    for (const char each : text) result += each == '\'' ? std::string("'\\''") : std::string(1, each);
    return result + "'";
}

// In a folder of its own below the temporary ones.
class Outside {
public:
    Outside() {
        std::string pattern = (fs::temp_directory_path() / "others-code.XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
    }
    ~Outside() { fs::remove_all(folder_); }

    void lay_down(const std::string& name, const std::string& content) const {
        fs::create_directories((folder_ / name).parent_path());
        std::ofstream(folder_ / name, std::ios::binary) << content;
    }

    Result run(const Piece& piece) const {
        lay_down(".input", piece.input);
        std::string words;
        for (const std::string& argument : piece.arguments) words += " " + in_quotes(argument);
        const std::string command = core::format(
            "cd {} && export LANG=C.UTF-8 RUNTIMES={} && set --{} && {{ {}; }} <.input >.out 2>.err",
            in_quotes(folder_.string()), in_quotes(kRuntimes), words, piece.outside);
        // Nothing else runs in this test. NOLINTNEXTLINE(concurrency-mt-unsafe)
        const int status = std::system(("( " + command + " )").c_str());
        return {WEXITSTATUS(status), content_of((folder_ / ".out").string()),
                content_of((folder_ / ".err").string())};
    }

private:
    fs::path folder_;
};

class OthersCode : public JobTest, public testing::WithParamInterface<Piece> {};

TEST_P(OthersCode, gives_in_a_box_what_it_gives_outside) {
    const Piece& piece = GetParam();
    auto request = job(piece.language, content_of(piece.code));
    if (request.code.empty()) GTEST_SKIP() << piece.code << " is not on this machine";
    request.arguments = piece.arguments;
    request.stdin = piece.input;
    request.limits = messages::JobLimits{.cpu_ms = 30'000, .wall_ms = 120'000};
    request.compile_limits = messages::JobLimits{.cpu_ms = 60'000, .wall_ms = 240'000, .memory_mb = 1024};
    const Outside outside;
    outside.lay_down(languages.find(piece.language)->file, request.code);
    for (const auto& [name, where] : piece.files) {
        request.files.push_back({name, content_of(where)});
        ASSERT_FALSE(request.files.back().content.empty()) << where;
        outside.lay_down(name, request.files.back().content);
    }
    const Result theirs = outside.run(piece);
    const auto ours = run(request);
    EXPECT_EQ(ours.exit_code, theirs.exit_code) << told(ours) << theirs.err;
    EXPECT_EQ(ours.stdout, theirs.out) << told(ours) << theirs.err;
    EXPECT_EQ(ours.stderr, theirs.err);
    EXPECT_THAT(theirs.out + theirs.err, testing::HasSubstr(piece.expected));
}

INSTANTIATE_TEST_SUITE_P(pieces, OthersCode, testing::ValuesIn(pieces()),
                         [](const auto& piece) { return piece.param.name; });

}  // namespace

}  // namespace singularity::services::genesis
