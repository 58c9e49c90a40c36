// JavaScript and TypeScript on Node.js. TypeScript's compiler comes from npm (tools/runtimes.txt), with the
// types of Node.js; it also looks for suspicious JavaScript.
#include "services/genesis/languages/all.hpp"

namespace singularity::services::genesis {

namespace {

constexpr const char* kNode = "/usr/bin/node";
constexpr const char* kCompiler = "/opt/typescript/lib/tsc";

// It starts at the code and follows its imports. A job may bring its own.
constexpr const char* kSettings = R"({
  "files": ["main.ts"],
  "compilerOptions": {
    "target": "es2023", "lib": ["es2023"], "module": "commonjs", "esModuleInterop": true,
    "resolveJsonModule": true, "strict": true, "skipLibCheck": true,
    "types": ["node"], "typeRoots": ["/opt/typescript/node_modules/@types"]
  }
}
)";

std::vector<std::string> tsc(std::vector<std::string> options) {
    std::vector<std::string> words{kCompiler, "--pretty", "false"};
    words.insert(words.end(), options.begin(), options.end());
    return words;
}

Need compiler(const std::string& runtimes) {
    return {runtimes + "/typescript", "typescript", "/opt/typescript"};
}

}  // namespace

Language javascript(const std::string& runtimes) {
    const Step lint{.arguments = tsc({"--allowJs", "--checkJs", "--noEmit", "--target", "es2023", "--lib",
                                      "es2023", "--module", "nodenext", "--skipLibCheck", "--noUnusedLocals",
                                      "--noFallthroughCasesInSwitch", "--strict", "false", "--types", "node",
                                      "--typeRoots", "/opt/typescript/node_modules/@types", "main.js"}),
                    .environment = {"GOMAXPROCS=2"},
                    .limits = compiling(512),
                    .needs = {compiler(runtimes)}};
    return {.name = "javascript",
            .aliases = {"js", "node", "nodejs"},
            .version = {kNode, "--version"},
            .file = "main.js",
            .endings = {".js", ".mjs", ".cjs"},
            .needs = {{kNode, "nodejs"}},
            .run = {.arguments = {kNode, "main.js", std::string(kArguments)}},
            .validate = {.arguments = for_each_source("node --check"), .limits = compiling(512)},
            .lint = lint};
}

Language typescript(const std::string& runtimes) {
    const std::vector<std::string> environment{"GOMAXPROCS=2"};
    return {.name = "typescript",
            .aliases = {"ts"},
            .version = {kCompiler, "--version"},
            .file = "main.ts",
            .endings = {".ts", ".mts", ".cts"},
            .needs = {{kNode, "nodejs"}, compiler(runtimes)},
            .defaults = {{"tsconfig.json", kSettings}},
            .compile = Step{.arguments = tsc({"-p", "/box", "--noEmitOnError"}),
                            .environment = environment,
                            .limits = compiling(512)},
            .run = {.arguments = {kNode, "--enable-source-maps", "main.js", std::string(kArguments)}},
            .validate = {.arguments = tsc({"-p", "/box", "--noEmit"}),
                         .environment = environment,
                         .limits = compiling(512)},
            .lint = {.arguments = tsc({"-p", "/box", "--noEmit", "--noUnusedLocals", "--noUnusedParameters",
                                       "--noImplicitReturns", "--noFallthroughCasesInSwitch"}),
                     .environment = environment,
                     .limits = compiling(512)}};
}

}  // namespace singularity::services::genesis
