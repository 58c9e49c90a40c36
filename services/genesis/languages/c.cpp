// C and C++ with GCC 14. All sources of a job are compiled together and linked; its folder is searched for
// headers.
#include "services/genesis/languages/all.hpp"

namespace singularity::services::genesis {

namespace {

using Words = std::vector<std::string>;

Words joined(Words words, const Words& more) {
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

// Diagnostics without colours or boxes, and no more than a person reads.
Words compiler(const char* path, const char* standard) {
    return {path, standard, "-I/box", "-fdiagnostics-plain-output", "-fmax-errors=50"};
}

const std::string sources{kSources};

}  // namespace

Language c() {
    const auto gcc = compiler("/usr/bin/gcc-14", "-std=gnu17");
    const Words warnings{"-Wall", "-Wextra", "-Wshadow", "-Wstrict-prototypes", "-fanalyzer", "-Werror"};
    return {.name = "c",
            .aliases = {"gcc"},
            .version = {"/usr/bin/gcc-14", "-dumpfullversion"},
            .file = "main.c",
            .endings = {".c"},
            .needs = {{"/usr/bin/gcc-14", "gcc-14"}},
            .compile = Step{.arguments = joined(gcc, {"-O2", "-pthread", "-o", kProgram, sources, "-lm"}),
                            .limits = compiling(512)},
            .run = {.arguments = {kProgram, std::string(kArguments)}},
            .validate = {.arguments = joined(gcc, {"-fsyntax-only", sources}), .limits = compiling(512)},
            .lint = {.arguments =
                         joined(gcc, joined(warnings, {"-O1", "-pthread", "-o", kProgram, sources, "-lm"})),
                     .limits = compiling(512)}};
}

Language cpp() {
    const auto gcc = compiler("/usr/bin/g++-14", "-std=gnu++23");
    const Words warnings{"-Wall", "-Wextra", "-Wshadow", "-Wnon-virtual-dtor", "-Werror"};
    return {.name = "cpp",
            .aliases = {"c++", "cxx", "g++"},
            .version = {"/usr/bin/g++-14", "-dumpfullversion"},
            .file = "main.cpp",
            .endings = {".cpp", ".cc", ".cxx"},
            .needs = {{"/usr/bin/g++-14", "g++-14"}},
            .compile = Step{.arguments = joined(gcc, {"-O2", "-pthread", "-o", kProgram, sources}),
                            .limits = compiling(512)},
            .run = {.arguments = {kProgram, std::string(kArguments)}},
            .validate = {.arguments = joined(gcc, {"-fsyntax-only", sources}), .limits = compiling(512)},
            .lint = {.arguments = joined(gcc, joined(warnings, {"-O1", "-pthread", "-o", kProgram, sources})),
                     .limits = compiling(512)}};
}

}  // namespace singularity::services::genesis
