// Validate and lint: what they find, and that nothing of the code runs.
#include <gmock/gmock.h>

#include "services/genesis/test/job_fixture.hpp"

namespace singularity::services::genesis {

namespace {

using testing::HasSubstr;

struct Sample {
    const char* language;
    const char* good;  // would write to stdout
    const char* broken;
    const char* complaint;
    const char* suspicious;  // well-formed
    const char* suspicion;
};

const Sample kSamples[] = {
    {"python", "print('ran')\n", "x = (\n", "'(' was never closed", "import os\n",
     "'os' imported but unused"},
    {"javascript", "console.log('ran');\n", "let x = ;\n", "SyntaxError", "const x = 1;\nx();\n",
     "not callable"},
    {"typescript", "console.log('ran');\n", "let x: = 1;\n", "error TS",
     "export const f = (unused: number) => 1;\n", "'unused' is declared but its value is never read"},
    {"c", "#include <stdio.h>\nint main(void) { puts(\"ran\"); }\n", "int main(void) { return }\n",
     "expected expression", "int main(void) { int x; }\n", "unused variable"},
    {"cpp", "#include <cstdio>\nint main() { puts(\"ran\"); }\n", "int main() { return }\n",
     "expected primary-expression", "int main() { int x; }\n", "unused variable"},
    {"rust", "fn main() { println!(\"ran\"); }\n", "fn main() { let x = ; }\n", "expected expression",
     "fn main() { let x = 1; }\n", "unused variable"},
    {"go", "package main\n\nfunc main() { println(\"ran\") }\n", "package main\n\nfunc main() { x := }\n",
     "expected operand",
     "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Printf(\"%d\\n\", \"text\") }\n", "wrong type"},
    {"bash", "echo ran\n", "if true; then\n", "syntax error", "#!/bin/bash\nx=\"a b\"\nrm $x\n", "SC2086"},
    {"elixir", "IO.puts(\"ran\")\n", "defmodule X do\n", "missing terminator: end",
     "defmodule X do\n  def f(unused), do: 1\nend\n", "variable \"unused\" is unused"},
    {"sql", "select 'ran';\nbegin;\ncommit;\n", "select 1;\nselect from where;\n",
     "syntax error at or near \"where\"",
     "create function f() returns int language plpgsql as $$\ndeclare x int; x int; begin return 1; end "
     "$$;\n",
     ""},
};

class EveryKind : public JobTest, public testing::WithParamInterface<Sample> {
protected:
    messages::JobResult examine(const char* kind, const char* code) {
        auto request = job(GetParam().language, code);
        request.kind = kind;
        return run(request);
    }
};

TEST_P(EveryKind, validates_without_running) {
    const auto result = examine("validate", GetParam().good);
    EXPECT_EQ(result.verdict, "ok") << told(result);
    EXPECT_EQ(result.phase, "compile");
    EXPECT_EQ(result.compile_output, "");
    EXPECT_FALSE(result.stdout.has_value());
}

TEST_P(EveryKind, validates_what_is_broken) {
    const auto result = examine("validate", GetParam().broken);
    EXPECT_EQ(result.verdict, "compile_error") << told(result);
    EXPECT_THAT(result.compile_output.value_or(""), HasSubstr(GetParam().complaint));
}

TEST_P(EveryKind, lints_what_is_in_order) {
    const auto result = examine("lint", GetParam().good);
    EXPECT_EQ(result.verdict, "ok") << told(result);
    EXPECT_EQ(result.compile_output, "") << told(result);
}

TEST_P(EveryKind, lints_what_is_suspicious) {
    if (std::string_view(GetParam().language) != "sql") {
        EXPECT_EQ(examine("validate", GetParam().suspicious).verdict, "ok");
    }
    const auto result = examine("lint", GetParam().suspicious);
    EXPECT_EQ(result.verdict, "compile_error") << told(result);
    EXPECT_THAT(result.compile_output.value_or(""), HasSubstr(GetParam().suspicion)) << told(result);
}

INSTANTIATE_TEST_SUITE_P(languages, EveryKind, testing::ValuesIn(kSamples),
                         [](const auto& sample) { return sample.param.language; });

}  // namespace

}  // namespace singularity::services::genesis
