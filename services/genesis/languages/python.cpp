// CPython as Debian packages it, with what lies in its dist-packages.
#include "services/genesis/languages/all.hpp"

namespace singularity::services::genesis {

namespace {

constexpr const char* kPython = "/usr/bin/python3";

// Parses and writes nothing.
constexpr const char* kParsePython = R"(
import sys
status = 0
for name in sys.argv[1:]:
    try:
        with open(name, "rb") as file:
            compile(file.read(), name, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        import traceback
        sys.stderr.write("".join(traceback.format_exception_only(error)))
        status = 1
sys.exit(status)
)";

constexpr const char* kLintPython = R"(status=0
for file; do
    python3 -W error -c "$PARSE" "$file" || status=1
done
python3 -m pyflakes "$@" || status=1
exit $status)";

}  // namespace

Language python() {
    // Unbuffered: what it printed before its time was over is there to see.
    const std::vector<std::string> environment{"PYTHONUNBUFFERED=1", "PYTHONDONTWRITEBYTECODE=1"};
    return {.name = "python",
            .aliases = {"py", "python3"},
            .version = {kPython, "--version"},
            .file = "main.py",
            .endings = {".py"},
            .needs = {{kPython, "python3"}},
            .run = {.arguments = {kPython, "main.py", std::string(kArguments)}, .environment = environment},
            .validate = {.arguments = {kPython, "-c", kParsePython, std::string(kSources)},
                         .environment = environment,
                         .limits = compiling(512)},
            .lint = {.arguments = {"/usr/bin/bash", "-c", kLintPython, "lint", std::string(kSources)},
                     .environment = {"PYTHONDONTWRITEBYTECODE=1", std::string("PARSE=") + kParsePython},
                     .limits = compiling(512),
                     .needs = {{"/usr/lib/python3/dist-packages/pyflakes", "python3-pyflakes"}}}};
}

}  // namespace singularity::services::genesis
