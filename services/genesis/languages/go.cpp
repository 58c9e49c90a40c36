// Go, without a network: what the standard library and the job's own packages have. The standard library is
// compiled beforehand (tools/prepare_runtimes), with the settings that stand here.
#include "services/genesis/languages/all.hpp"

namespace singularity::services::genesis {

namespace {

constexpr const char* kGo = "/usr/bin/go";

// Go keeps an index of each folder whose files are older than two seconds, and fails where it can't write it:
// files from the future are not indexed.
constexpr const char* kWithCache = R"(find . -type f -exec touch -d 'next year' {} + && exec go "$@")";

std::vector<std::string> with_cache(std::vector<std::string> arguments) {
    std::vector<std::string> words{"/usr/bin/bash", "-c", kWithCache, "go"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    return words;
}

}  // namespace

Language go(const std::string& runtimes) {
    const std::vector<std::string> settings{"GOCACHE=/opt/go-cache", "CGO_ENABLED=0",    "GOTOOLCHAIN=local",
                                            "GOTELEMETRY=off",       "GOFLAGS=-mod=mod", "GOPROXY=off",
                                            "GOMAXPROCS=4"};
    const Need cache{runtimes + "/go-cache", "golang-go", "/opt/go-cache"};
    return {.name = "go",
            .aliases = {"golang"},
            .version = {kGo, "version"},
            .file = "main.go",
            .endings = {".go"},
            .needs = {{kGo, "golang-go"}},
            .defaults = {{"go.mod", "module job\n\ngo 1.24\n"}},
            .compile = Step{.arguments = with_cache({"build", "-o", kProgram, "."}),
                            .environment = settings,
                            .limits = compiling(1024),
                            .needs = {cache}},
            .run = {.arguments = {kProgram, std::string(kArguments)}, .environment = {"GOMAXPROCS=4"}},
            .validate = {.arguments = {"/usr/bin/bash", "-c", "exec gofmt -e \"$@\" >/dev/null", "gofmt",
                                       std::string(kSources)},
                         .limits = compiling(512)},
            .lint = {.arguments = with_cache({"vet", "."}),
                     .environment = settings,
                     .limits = compiling(1024),
                     .needs = {cache}}};
}

}  // namespace singularity::services::genesis
