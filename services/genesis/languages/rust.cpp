// Rust with Debian's compiler. The code is the crate's root: modules are found beside it, crates are not.
#include "services/genesis/languages/all.hpp"

namespace singularity::services::genesis {

namespace {

constexpr const char* kRustc = "/usr/bin/rustc";

std::vector<std::string> rustc(std::vector<std::string> options) {
    std::vector<std::string> words{kRustc, "--edition=2021", "--color=never", "-Clinker=gcc-14"};
    words.insert(words.end(), options.begin(), options.end());
    words.emplace_back("main.rs");
    return words;
}

}  // namespace

Language rust() {
    return {.name = "rust",
            .aliases = {"rs"},
            .version = {kRustc, "--version"},
            .file = "main.rs",
            .endings = {".rs"},
            .needs = {{kRustc, "rustc"}, {"/usr/bin/gcc-14", "gcc-14"}},
            .compile = Step{.arguments = rustc({"-O", "-o", kProgram}), .limits = compiling(1024)},
            .run = {.arguments = {kProgram, std::string(kArguments)}},
            .validate = {.arguments = rustc({"--emit=metadata", "--out-dir=/tmp", "--cap-lints=allow"}),
                         .limits = compiling(1024)},
            .lint = {.arguments = rustc({"--emit=metadata", "--out-dir=/tmp", "-Wunused",
                                         "-Wrust-2018-idioms", "-Wnonstandard-style", "-Dwarnings"}),
                     .limits = compiling(1024)}};
}

}  // namespace singularity::services::genesis
