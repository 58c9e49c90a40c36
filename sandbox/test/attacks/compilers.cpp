// Attacks on whoever compiles: the compiler reads what the source names, and works as long as the source
// wants.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "sandbox/test/attacks/attack.hpp"

namespace singularity::sandbox::attacks {

namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr Limits kCompile{.cpu = 3s, .wall = 10s, .memory_bytes = 96 * kMiB};

const std::string kTemplateBomb =
    "template <int n, int m> struct bomb { static constexpr long value = "
    "bomb<n - 1, 2 * m>::value + bomb<n - 1, 2 * m + 1>::value; };\n"
    "template <int m> struct bomb<0, m> { static constexpr long value = m; };\n"
    "long value = bomb<24, 0>::value;\n";

std::string macro_bomb() {
    std::string source = "#define X0 1,1,1,1,1,1,1,1\n";
    for (int i = 1; i < 12; ++i) {
        source += "#define X" + std::to_string(i);
        for (int j = 0; j < 8; ++j) source += (j == 0 ? " X" : ",X") + std::to_string(i - 1);
        source += "\n";
    }
    return source + "int values[] = {X11};\n";
}

// The source's {file} is the secret's path.
std::string with_path(std::string source, const Targets& targets) {
    const std::string name = "{file}";
    if (const auto at = source.find(name); at != std::string::npos)
        source.replace(at, name.size(), targets["file"]);
    return source;
}

std::vector<std::string> words(const std::string& file) {
    return {file.ends_with(".cc") ? "/usr/bin/g++" : "/usr/bin/gcc", "-S", "-o", "-", file};
}

BareRun compile_bare(const std::string& file, const std::string& source, const Targets& targets,
                     const std::vector<std::string>& command) {
    const BareFolder folder;
    std::ofstream(folder.path() + "/" + file) << with_path(source, targets);
    return folder.run(command, Ground::plain, kCompile.memory_bytes);
}

// The compiler is asked to show a file of the host.
Attack shows(const char* name, const std::string& file, const std::string& source,
             const std::vector<std::string>& command) {
    const auto in_box = [=] {
        Workspace workspace = stage().open();
        stage().wait(workspace.put({{.path = file, .content = with_path(source, stage().canaries())}}));
        const BoxRun run = stage().run(workspace, command, kCompile);
        EXPECT_EQ(run.ending.cause, Cause::exited);
        EXPECT_NE(run.ending.exit_code, 0);
        EXPECT_THAT(run.err, testing::ContainsRegex("o such file|file not found"));
        stage().expect_unharmed(run);
    };
    const auto bare = [=] {
        const Targets targets;
        const BareRun run = compile_bare(file, source, targets, command);
        if (run.code == -1) GTEST_SKIP() << "no cgroup to hold a bare attack";
        EXPECT_THAT(run.out, HasSubstr(targets["secret"]));
    };
    return {.category = {},
            .name = name,
            .layers = "mounts, user",
            .result = "no such file",
            .in_box = in_box,
            .bare = bare};
}

// The compiler is kept busy: it ends by a limit, or by an error that a limit caused.
Attack overloads(const char* name, const std::string& file, const std::string& source, const char* layers) {
    const auto in_box = [=] {
        Workspace workspace = stage().open();
        stage().wait(workspace.put({{.path = file, .content = source}}));
        const BoxRun run = stage().run(workspace, words(file), kCompile);
        SCOPED_TRACE(run.err.substr(0, 500));
        EXPECT_THAT(run.ending.cause,
                    testing::AnyOf(Cause::memory_limit, Cause::cpu_limit, Cause::output_limit));
        stage().expect_unharmed(run);
    };
    const auto bare = [=] {
        const BareRun run = compile_bare(file, source, Targets(), words(file));
        if (run.code == -1) GTEST_SKIP() << "no cgroup to hold a bare attack";
        EXPECT_THAT(std::max(run.memory_peak, run.bytes), testing::Gt(kCompile.memory_bytes));
    };
    return {
        .category = {}, .name = name, .layers = layers, .result = "ended", .in_box = in_box, .bare = bare};
}

}  // namespace

std::vector<Attack> compiler_attacks() {
    std::vector<Attack> attacks = {
        shows("includes_a_secret", "main.c", "#include \"{file}\"\n;\n", words("main.c")),
        shows("assembles_a_secret", "main.c", "asm(\".incbin \\\"{file}\\\"\");\n",
              {"/bin/bash", "-c", "gcc -c main.c && cat main.o"}),
        shows("takes_options_from_a_secret", "main.c", "@{file}\n", {"/usr/bin/gcc", "-S", "@main.c"}),
    };
    const char* memory = "memory cgroup, launcher";
    for (Attack& each : slowly({
             overloads("includes_zeros", "main.c", "#include \"/dev/zero\"\n", memory),
             overloads("includes_random_bytes", "main.c", "#include \"/dev/urandom\"\n", memory),
             overloads("explodes_templates", "main.cc", kTemplateBomb, memory),
             overloads("explodes_macros", "main.c", macro_bomb(), memory),
         }))
        attacks.push_back(std::move(each));
    return in_category("compilers", std::move(attacks));
}

}  // namespace singularity::sandbox::attacks
