#include "services/genesis/job_check.hpp"

#include <gmock/gmock.h>

#include <functional>

#include "services/genesis/job_limits.hpp"

namespace singularity::services::genesis {

namespace {

using messages::JobLimits;
using messages::JobRequest;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

std::vector<std::string> problems(const std::function<void(JobRequest&)>& change) {
    JobRequest request;
    request.language = "python";
    request.code = "print()";
    change(request);
    const auto error = check_job(request, all_languages("/runtimes"));
    if (!error) return {};
    EXPECT_EQ(error->code, core::ErrorCode::invalid_input);
    return error->details;
}

TEST(job_check, lets_a_good_job_pass) {
    EXPECT_THAT(problems([](JobRequest& job) {
                    job.kind = "lint";
                    job.stdin = "/w==";
                    job.stdin_encoding = "base64";
                    job.arguments = {"", "-x", "größe"};
                    job.files = {{"a/b/größe.txt", "text"}, {"a/c", "AA==", "base64"}, {".hidden", "\n"}};
                    job.artifacts = {"out/result.json"};
                    job.limits = JobLimits{.cpu_ms = 1, .memory_mb = 4096};
                }),
                IsEmpty());
}

TEST(job_check, names_the_known_languages_to_who_asks_for_another) {
    EXPECT_THAT(
        problems([](JobRequest& job) { job.language = "cobol"; }),
        ElementsAre("language: 'cobol' is unknown; known are bash, c, cpp, elixir, go, javascript, python, "
                    "rust, sql, typescript"));
    EXPECT_THAT(problems([](JobRequest& job) { job.language = std::string(1'000'000, 'x'); }).front().size(),
                testing::Lt(300U));
}

TEST(job_check, refuses_code_that_is_none) {
    const auto with = [](std::string code) {
        return problems([&](JobRequest& job) { job.code = std::move(code); });
    };
    EXPECT_THAT(with(""), ElementsAre("code: there is none"));
    EXPECT_THAT(with(std::string(100 << 20, 'x')),
                ElementsAre("code: is 104857600 bytes long, and can be 1048576"));
    EXPECT_THAT(with(std::string("a\0b", 3)), ElementsAre("code: has a NUL character: it is text"));
    EXPECT_THAT(with("\x7f"
                     "ELF\x02\x01\xff"),
                ElementsAre("code: is not UTF-8"));
    EXPECT_THAT(with("\xed\xa0\x80"), ElementsAre("code: has half of a UTF-16 pair: it is UTF-8"));
    EXPECT_THAT(with(std::string(kMaxCode, 'x')), IsEmpty());
}

TEST(job_check, refuses_paths_that_leave_the_workspace_or_hide) {
    const auto with = [](std::string path) {
        return problems([&](JobRequest& job) { job.files = {{std::move(path), ""}}; });
    };
    for (const char* path : {"", "/etc/passwd", "..", "../x", "a/../../x", "a/..", "./a", "a/.", "a//b", "a/",
                             "a\nb", "a\x1b[2J", "\xff", ".program", ".program/x", "main.py", "main.py/x"}) {
        EXPECT_THAT(with(path), ElementsAre(StartsWith("files[0].path: "))) << path;
    }
    EXPECT_THAT(with(std::string("a\0b", 3)), ElementsAre("files[0].path: has a NUL character: it is text"));
    EXPECT_THAT(with(std::string(256, 'a')), ElementsAre("files[0].path: is 256 bytes long, and can be 255"));
    EXPECT_THAT(with("1/2/3/4/5/6/7/8/9/10/11/12/13"),
                ElementsAre("files[0].path: has 13 parts, and can have 12"));
    for (const char* path : {"...", "..a", "a..b", "a b", "-o", "main.pyc", ".programs"}) {
        EXPECT_THAT(with(path), IsEmpty()) << path;
    }
}

TEST(job_check, refuses_files_that_are_in_each_others_way) {
    const auto with = [](std::vector<messages::JobFile> files) {
        return problems([&](JobRequest& job) { job.files = std::move(files); });
    };
    EXPECT_THAT(with({{"a", ""}, {"a", ""}}),
                ElementsAre("files[1].path: is there already, as another file or as the code"));
    EXPECT_THAT(with({{"a", ""}, {"a/b", ""}}), ElementsAre("files[1].path: 'a' is a file"));
    EXPECT_THAT(with({{"a/b", ""}, {"a", ""}}), ElementsAre("files[1].path: is a folder of another file"));
    EXPECT_THAT(with(std::vector<messages::JobFile>(1000)), ElementsAre("files: are 1000, and can be 256"));
    EXPECT_THAT(with({{"a", std::string(9 << 20, 'x')}, {"b", std::string(9 << 20, 'x')}}),
                ElementsAre("files: are 18874368 bytes long in all, and can be 16777216"));
}

TEST(job_check, refuses_files_for_which_the_workspace_has_no_room) {
    EXPECT_THAT(problems([](JobRequest& job) {
                    job.limits = JobLimits{.workspace_mb = 1};
                    job.files = {{"a", std::string(600'000, 'x')}};
                }),
                ElementsAre("files: are 600000 bytes long in all, and can be 524288"));
}

TEST(job_check, refuses_what_is_not_in_its_encoding) {
    EXPECT_THAT(problems([](JobRequest& job) {
                    job.stdin = "no base64";
                    job.stdin_encoding = "base64";
                    job.files = {{"a", "!!", "base64"}, {"b", "\xff"}, {"c", "", "utf-16"}};
                }),
                ElementsAre("stdin: is not base64", "files[0].content: is not base64",
                            "files[1].content: is not UTF-8",
                            "files[2].encoding: is 'utf-16', and can be utf-8 or base64"));
}

TEST(job_check, refuses_unknown_kinds_and_encodings) {
    EXPECT_THAT(problems([](JobRequest& job) {
                    job.kind = "explode";
                    job.stdin_encoding = "latin1";
                }),
                ElementsAre("kind: is 'explode', and can be run, validate or lint",
                            "stdin_encoding: is 'latin1', and can be utf-8 or base64"));
}

TEST(job_check, refuses_limits_out_of_bounds) {
    const auto with = [](JobLimits limits) {
        return problems([&](JobRequest& job) { job.limits = limits; });
    };
    EXPECT_THAT(with({.cpu_ms = 0}), ElementsAre("limits.cpu_ms: is 0, and can be 1 to 600000"));
    EXPECT_THAT(with({.memory_mb = -1}), ElementsAre("limits.memory_mb: is -1, and can be 8 to 4096"));
    for (const Bound& bound : kBounds) {
        for (const std::int64_t value :
             {std::int64_t{0}, std::int64_t{-5}, bound.least - 1, bound.most + 1,
              std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()}) {
            JobLimits limits;
            limits.*bound.member = value;
            EXPECT_THAT(with(limits), ElementsAre(StartsWith(std::string("limits.") + bound.field))) << value;
        }
    }
    EXPECT_THAT(
        problems([](JobRequest& job) { job.compile_limits = JobLimits{.wall_ms = 0, .workspace_mb = 5}; }),
        ElementsAre("compile_limits.wall_ms: is 0, and can be 1 to 1200000",
                    "compile_limits.workspace_mb: is the run's, too: say it in limits"));
}

TEST(job_check, refuses_arguments_that_no_program_could_get) {
    const auto with = [](std::vector<std::string> arguments) {
        return problems([&](JobRequest& job) { job.arguments = std::move(arguments); });
    };
    EXPECT_THAT(with({"a", std::string("b\0c", 3)}),
                ElementsAre("arguments[1]: has a NUL character: it is text"));
    EXPECT_THAT(with({std::string(kMaxArgument + 1, 'x')}),
                ElementsAre("arguments[0]: is 65537 bytes long, and can be 65536"));
    EXPECT_THAT(with(std::vector<std::string>(1000)), ElementsAre("arguments: are 1000, and can be 256"));
    EXPECT_THAT(with(std::vector<std::string>(100, std::string(10'000, 'x'))),
                ElementsAre("arguments: are 1000000 bytes long, and can be 524288"));
}

TEST(job_check, refuses_artifacts_outside_of_the_workspace) {
    EXPECT_THAT(
        problems([](JobRequest& job) { job.artifacts = {"ok", "/etc/shadow", "../x"}; }),
        ElementsAre(StartsWith("artifacts[1]: starts with a slash"), "artifacts[2]: has a part '..'"));
    EXPECT_THAT(problems([](JobRequest& job) { job.artifacts = std::vector<std::string>(100, "a"); }),
                ElementsAre("artifacts: are 100, and can be 64"));
}

TEST(job_check, refuses_an_end_that_is_no_time) {
    const auto with = [](std::string text) {
        return problems([&](JobRequest& job) { job.expires_at = std::move(text); });
    };
    EXPECT_THAT(with("soon"),
                ElementsAre("expires_at: is 'soon', and must be a time such as 2026-11-21T10:37:31Z"));
    for (const char* text :
         {"", "tomorrow", "2026-11-21", "2026-11-21T10:37:31", "2026-13-21T10:37:31Z", "2026-02-30T10:37:31Z",
          "2026-11-21T24:00:00Z", "2026-11-21T10:37:31.Z", "\xff", "2026-11-21T10:37:31+1:00",
          "2026-11-21T10:37:31+20:00", "0000-11-21T10:37:31Z", "2026-11-21T10:37:31Z "}) {
        EXPECT_THAT(with(text), ElementsAre(StartsWith("expires_at: "))) << text;
    }
    for (const char* text : {"2026-11-21T10:37:31Z", "2024-02-29 10:37:31.123456789z",
                             "2026-11-21T10:37:60-09:30", "9999-12-31T23:59:59+14:00"}) {
        EXPECT_THAT(with(text), IsEmpty()) << text;
    }
}

TEST(job_check, tells_everything_that_is_wrong_at_once) {
    EXPECT_EQ(problems([](JobRequest& job) {
                  job.language = "cobol";
                  job.code = "";
                  job.kind = "x";
                  job.limits = JobLimits{.cpu_ms = 0};
              }).size(),
              4U);
}

}  // namespace

}  // namespace singularity::services::genesis
