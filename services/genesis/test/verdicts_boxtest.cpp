// How runs end, what is kept of what they write, and what comes back.
#include <gmock/gmock.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "services/genesis/job_encoding.hpp"
#include "services/genesis/test/job_fixture.hpp"

namespace singularity::services::genesis {

namespace {

using testing::HasSubstr;

class Verdicts : public JobTest {};

TEST_F(Verdicts, tells_a_signal) {
    const auto result = run(job("c", "#include <stdlib.h>\nint main(void) { abort(); }\n"));
    EXPECT_EQ(result.verdict, "signal") << told(result);
    EXPECT_EQ(result.signal, 6);
    EXPECT_FALSE(result.exit_code.has_value());
}

TEST_F(Verdicts, keeps_apart_an_exit_code_that_looks_like_a_signal) {
    const auto result = run(job("bash", "exit 139"));
    EXPECT_EQ(result.verdict, "runtime_error") << told(result);
    EXPECT_EQ(result.exit_code, 139);
}

TEST_F(Verdicts, ends_what_computes_too_long) {
    auto request = job("python", "print('begun')\nwhile True: pass\n");
    request.limits = {.cpu_ms = 300};
    const auto result = run(request);
    EXPECT_EQ(result.verdict, "cpu_timeout") << told(result);
    EXPECT_EQ(result.stdout, "begun\n");
}

TEST_F(Verdicts, ends_what_waits_too_long) {
    auto request = job("bash", "echo begun; sleep 1000");
    request.limits = {.wall_ms = 300};
    const auto result = run(request);
    EXPECT_EQ(result.verdict, "wall_timeout") << told(result);
    EXPECT_EQ(result.stdout, "begun\n");
}

TEST_F(Verdicts, ends_what_takes_too_much_memory) {
    auto request = job("python", "x = bytearray(200 << 20)\nfor i in range(0, len(x), 4096): x[i] = 1\n");
    request.limits = {.memory_mb = 64};
    const auto result = run(request);
    EXPECT_EQ(result.verdict, "oom") << told(result);
    EXPECT_GE(result.usage->oom_kills.value_or(0), 1);
}

TEST_F(Verdicts, tells_of_a_compiler_that_takes_too_much_memory) {
    // The limit leaves room for the compiler itself, which would be read from the disk again and again.
    auto request = job("cpp",
                       "#define A(x) x x x x x x x x x x x x x x x x\n"
                       "int number = 0 A(A(A(A(A(A(+1))))));\n"
                       "int main() {}\n");
    request.compile_limits = {.cpu_ms = 60'000, .wall_ms = 120'000, .memory_mb = 96};
    const auto result = run(request);
    EXPECT_EQ(result.verdict, "oom") << told(result);
    EXPECT_EQ(result.phase, "compile");
}

TEST_F(Verdicts, ends_what_writes_too_much_and_keeps_the_beginning) {
    auto request = job("bash", "yes");
    request.limits = {.output_kb = 64};
    const auto result = run(request);
    EXPECT_EQ(result.verdict, "output_limit") << told(result).substr(0, 200);
    EXPECT_EQ(result.stdout->size(), 64 * 1024);
    EXPECT_GE(result.stdout_bytes, 64 * 1024);
    EXPECT_EQ(result.stdout_truncated, true);
    EXPECT_EQ(result.stderr_truncated, false);
}

TEST_F(Verdicts, writes_bytes_that_are_no_text_as_base64) {
    const auto result = run(job("bash", R"(printf '\xff\x00'; printf 'text' >&2)"));
    EXPECT_EQ(result.stdout_encoding, "base64") << told(result);
    EXPECT_EQ(from_base64(*result.stdout), std::string("\xff\0", 2));
    EXPECT_EQ(result.stderr_encoding, "utf-8");
    EXPECT_EQ(result.stderr, "text");
}

TEST_F(Verdicts, reads_base64_input_and_files) {
    auto request = job("bash", "cat; cat data.bin | od -An -tx1");
    request.stdin = "aGVsbG8K";
    request.stdin_encoding = "base64";
    request.files = {{"data.bin", "AP8=", "base64"}};
    const auto result = run(request);
    EXPECT_EQ(result.stdout, "hello\n 00 ff\n") << told(result);
}

TEST_F(Verdicts, passes_output_on_while_it_comes) {
    std::string seen;
    const auto result =
        run(job("bash", "echo out; echo err >&2"),
            [&](sandbox::Stream stream, std::string_view piece) -> boost::asio::awaitable<void> {
                seen += stream == sandbox::Stream::out ? "out:" : "err:";
                seen += piece;
                co_return;
            });
    EXPECT_THAT(seen, HasSubstr("out:out\n"));
    EXPECT_THAT(seen, HasSubstr("err:err\n"));
}

TEST_F(Verdicts, brings_back_artifacts_with_their_hashes) {
    auto request =
        job("bash", "mkdir out; printf abc >out/text; ln -s /etc/passwd link; printf '\\xff' >bytes");
    request.artifacts = {"out/text", "missing", "link", "bytes"};
    const auto result = run(request);
    ASSERT_EQ(result.artifacts.size(), 4U) << told(result);
    EXPECT_EQ(result.artifacts[0].content, "abc");
    EXPECT_EQ(result.artifacts[0].sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(result.artifacts[0].bytes, 3);
    EXPECT_EQ(result.artifacts[1].problem, "missing");
    EXPECT_FALSE(result.artifacts[1].sha256.has_value());
    EXPECT_TRUE(result.artifacts[2].problem.has_value());
    EXPECT_FALSE(result.artifacts[2].content.has_value());
    EXPECT_EQ(result.artifacts[3].encoding, "base64");
}

TEST_F(Verdicts, tells_the_usage_of_both_phases) {
    const auto result = run(job("c", "int main(void) { return 0; }"));
    EXPECT_TRUE(result.usage->compile_wall_ms.has_value()) << told(result);
    EXPECT_GT(result.usage->compile_cpu_ms.value_or(0), 0);
    EXPECT_TRUE(result.usage->wall_ms.has_value());
    EXPECT_GT(result.usage->max_rss_kb.value_or(0), 0);
    EXPECT_TRUE(result.isolation_tier.has_value());
}

TEST_F(Verdicts, names_the_package_that_brings_a_missing_runtime) {
    Language rust = *languages.find("rust");
    rust.needs.front().path = "/usr/bin/rustc-that-is-not-there";
    const auto result = run_with(Languages({rust}), job("rust", "fn main() {}"));
    EXPECT_EQ(result.verdict, "unsupported_language");
    ASSERT_TRUE(result.error.has_value());
    EXPECT_EQ(result.error->message,
              "rust cannot run here: /usr/bin/rustc-that-is-not-there is missing; Debian's package rustc "
              "brings it");
    EXPECT_EQ(result.error->details.at("package"), "rustc");
}

TEST_F(Verdicts, blames_no_code_for_a_runtime_that_went_while_it_ran) {
    const std::string runtime = testing::TempDir() + "runtime-that-goes";
    std::ofstream(runtime) << "here";
    Language bash = *languages.find("bash");
    bash.needs.push_back({runtime, "some-package"});
    languages = Languages({bash});
    const auto result = run(job("bash", "echo begun; exit 1"),
                            [&](sandbox::Stream, std::string_view) -> boost::asio::awaitable<void> {
                                std::filesystem::remove(runtime);
                                co_return;
                            });
    EXPECT_EQ(result.verdict, "unsupported_language") << told(result);
    EXPECT_EQ(result.error->details.at("package"), "some-package");
}

TEST_F(Verdicts, runs_a_language_whose_linter_is_missing) {
    Language bash = *languages.find("bash");
    bash.lint.needs.front().path = "/usr/bin/missing";
    const Languages changed({bash});
    EXPECT_EQ(run_with(changed, job("bash", "true")).verdict, "ok");
    auto request = job("bash", "true");
    request.kind = "lint";
    EXPECT_EQ(run_with(changed, request).verdict, "unsupported_language");
}

TEST_F(Verdicts, is_cancelled_while_it_runs) {
    JobRunner runner(*sandbox, languages);
    const auto request = job("bash", "echo begun; sleep 1000");
    boost::asio::cancellation_signal signal;
    std::optional<messages::JobResult> result;
    const auto sink = [&](sandbox::Stream, std::string_view) -> boost::asio::awaitable<void> {
        boost::asio::post(io, [&] { signal.emit(boost::asio::cancellation_type::terminal); });
        co_return;
    };
    boost::asio::co_spawn(
        io, runner.run(request, sink),
        boost::asio::bind_cancellation_slot(
            signal.slot(), [&](std::exception_ptr, messages::JobResult told) { result = told; }));
    io.run();
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->verdict, "cancelled") << told(*result);
}

}  // namespace

}  // namespace singularity::services::genesis
