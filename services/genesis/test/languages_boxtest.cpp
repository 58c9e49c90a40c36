// Each of the ten: output, exit code, input, arguments, files, a mistake that is told.
#include <gmock/gmock.h>

#include "services/genesis/test/job_fixture.hpp"

namespace singularity::services::genesis {

namespace {

using testing::HasSubstr;

struct Sample {
    const char* language;
    const char* echo;  // prints its first two arguments, its input and what util has, each on a line
    messages::JobFile util;
    const char* fails;  // ends with exit code 3
    const char* broken;
    const char* complaint;  // what is said of the broken one
    const char* verdict;    // of it
};

const Sample kSamples[] = {
    {"python",
     "import sys\nfrom lib.util import WORD\nprint(sys.argv[1])\nprint(sys.argv[2])\n"
     "print(sys.stdin.read())\nprint(WORD)\n",
     {"lib/util.py", "WORD = 'util'\n"},
     "import sys\nsys.exit(3)\n",
     "def broken(:\n",
     "SyntaxError",
     "runtime_error"},
    {"javascript",
     "const { WORD } = "
     "require('./lib/util.js');\nconsole.log(process.argv[2]);\nconsole.log(process.argv[3]);\n"
     "console.log(require('fs').readFileSync(0, 'utf8'));\nconsole.log(WORD);\n",
     {"lib/util.js", "exports.WORD = 'util';\n"},
     "process.exit(3);\n",
     "let = ;\n",
     "SyntaxError",
     "runtime_error"},
    {"typescript",
     "import { readFileSync } from 'fs';\nimport { WORD } from './lib/util';\n"
     "const [first, second]: string[] = process.argv.slice(2);\nconsole.log(first);\nconsole.log(second);\n"
     "console.log(readFileSync(0, 'utf8'));\nconsole.log(WORD);\n",
     {"lib/util.ts", "export const WORD: string = 'util';\n"},
     "process.exit(3);\n",
     "const x: number = 'text';\n",
     "main.ts(1,7): error TS2322",
     "compile_error"},
    {"c",
     "#include <stdio.h>\n#include \"lib/util.h\"\nint main(int count, char** words) {\n  char line[100];\n"
     "  puts(words[1]); puts(words[count - 1]); puts(fgets(line, sizeof line, stdin)); puts(WORD); return "
     "0;\n}\n",
     {"lib/util.h", "#define WORD \"util\"\n"},
     "int main(void) { return 3; }\n",
     "int main(void) { return missing; }\n",
     "main.c:1:25: error: ",
     "compile_error"},
    {"cpp",
     "#include <iostream>\n#include <string>\n#include \"lib/util.hpp\"\nint main(int, char** words) {\n"
     "  std::string line; std::getline(std::cin, line);\n"
     "  std::cout << words[1] << '\\n' << words[2] << '\\n' << line << '\\n' << kWord << '\\n';\n}\n",
     {"lib/util.hpp", "inline constexpr auto kWord = \"util\";\n"},
     "int main() { return 3; }\n",
     "int main() { return missing; }\n",
     "main.cpp:1:21: error: ",
     "compile_error"},
    {"rust",
     "mod util;\nuse std::io::Read;\nfn main() {\n  let words: Vec<String> = std::env::args().collect();\n"
     "  let mut input = String::new(); std::io::stdin().read_to_string(&mut input).unwrap();\n"
     "  println!(\"{}\\n{}\\n{}\\n{}\", words[1], words[2], input, util::WORD);\n}\n",
     {"util.rs", "pub const WORD: &str = \"util\";\n"},
     "fn main() { std::process::exit(3); }\n",
     "fn main() { let x: i32 = \"text\"; }\n",
     "error[E0308]: mismatched types",
     "compile_error"},
    {"go",
     "package main\nimport (\n\t\"bufio\"\n\t\"fmt\"\n\t\"os\"\n\t\"job/lib\"\n)\nfunc main() {\n"
     "\tline, _ := bufio.NewReader(os.Stdin).ReadString('\\n')\n"
     "\tfmt.Println(os.Args[1])\n\tfmt.Println(os.Args[2])\n\tfmt.Println(line)\n\tfmt.Println(lib.Word)\n}"
     "\n",
     {"lib/util.go", "package lib\n\nconst Word = \"util\"\n"},
     "package main\nimport \"os\"\nfunc main() { os.Exit(3) }\n",
     "package main\nfunc main() { missing() }\n",
     "main.go:2:15: undefined: missing",
     "compile_error"},
    {"bash",
     "source lib/util.sh\necho \"$1\"\necho \"$2\"\ncat\necho\necho $WORD\n",
     {"lib/util.sh", "WORD=util\n"},
     "exit 3\n",
     "if true; then\n",
     "syntax error",
     "runtime_error"},
    {"elixir",
     "Code.require_file(\"lib/util.ex\")\n[first, second] = System.argv()\nIO.puts(first)\nIO.puts(second)\n"
     "IO.puts(IO.read(:stdio, :eof))\nIO.puts(apply(Util, :word, []))\n",
     {"lib/util.ex", "defmodule Util do\n  def word, do: \"util\"\nend\n"},
     "System.halt(3)\n",
     "IO.puts(\n",
     "TokenMissingError",
     "runtime_error"},
    {"sql",
     "\\pset tuples_only on\n\\pset format unaligned\nselect :'arg1';\nselect :'arg2';\n"
     "create table input(line text);\n\\copy input from pstdin\nselect line from input;\n\\ir lib/util.sql\n",
     {"lib/util.sql", "select 'util';\n"},
     "\\set ON_ERROR_STOP 1\nselect 1/0;\n",
     "selec 1;\n",
     "syntax error at or near \"selec\"",
     "runtime_error"},
};

class EveryLanguage : public JobTest, public testing::WithParamInterface<Sample> {};

TEST_P(EveryLanguage, has_arguments_input_and_files) {
    auto request = job(GetParam().language, GetParam().echo);
    request.arguments = {"first", "second word"};
    request.stdin = "input";
    request.files = {GetParam().util};
    const auto result = run(request);
    EXPECT_EQ(result.verdict, "ok") << told(result);
    for (const char* line : {"first\n", "second word\n", "input\n", "util\n"}) {
        EXPECT_THAT(result.stdout.value_or(""), HasSubstr(line)) << told(result);
    }
    EXPECT_EQ(result.stderr, "");
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_THAT(result.language_version.value_or(""), testing::MatchesRegex("[0-9]+[.][0-9.]+"));
}

TEST_P(EveryLanguage, ends_with_its_own_exit_code) {
    const auto result = run(job(GetParam().language, GetParam().fails));
    EXPECT_EQ(result.verdict, "runtime_error") << told(result);
    EXPECT_EQ(result.exit_code, 3) << told(result);
    EXPECT_EQ(result.phase, "run");
}

TEST_P(EveryLanguage, tells_a_mistake_as_its_tools_do) {
    const auto result = run(job(GetParam().language, GetParam().broken));
    EXPECT_EQ(result.verdict, GetParam().verdict) << told(result);
    const bool compiled = result.verdict == "compile_error";
    const auto said = compiled ? result.compile_output : result.stderr;
    EXPECT_THAT(said.value_or(""), HasSubstr(GetParam().complaint)) << told(result);
    EXPECT_EQ(result.phase, compiled ? "compile" : "run");
    EXPECT_EQ(result.stdout.has_value(), !compiled);
}

INSTANTIATE_TEST_SUITE_P(languages, EveryLanguage, testing::ValuesIn(kSamples),
                         [](const auto& sample) { return sample.param.language; });

}  // namespace

}  // namespace singularity::services::genesis
