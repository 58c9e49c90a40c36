#include "cli/job_exit.hpp"

#include <csignal>

#include "cli/job_options.hpp"
#include "cli/plain_text.hpp"
#include "core/format.hpp"

namespace singularity::cli {

namespace {

constexpr int kTimedOut = 124;  // as timeout(1) has it
constexpr int kBySignal = 128;

// The program's own, unless that would say that all is well.
int failed(const messages::JobResult& result) {
    const auto code = static_cast<int>(result.exit_code.value_or(1));
    return code == 0 ? 1 : code;
}

std::string why(const messages::JobResult& result) {
    return result.error ? plain_text(result.error->message, 1000) : "no reason is given";
}

}  // namespace

JobExit exit_of(const messages::JobResult& result) {
    const std::string& verdict = result.verdict;
    if (verdict == "ok") return {static_cast<int>(result.exit_code.value_or(0))};
    if (verdict == "runtime_error" || verdict == "compile_error") return {failed(result)};
    if (verdict == "signal") return {kBySignal + static_cast<int>(result.signal.value_or(0))};
    const std::string where = result.phase == "compile" ? "the compiler" : "the program";
    if (verdict == "cpu_timeout")
        return {kTimedOut, core::format("{} used up its CPU time (--cpu gives more)", where)};
    if (verdict == "wall_timeout")
        return {kTimedOut, core::format("{} took too long (--wall gives more)", where)};
    if (verdict == "oom")
        return {kBySignal + SIGKILL, core::format("{} used up its memory (--memory gives more)", where)};
    if (verdict == "output_limit")
        return {kBySignal + SIGXFSZ, core::format("{} wrote too much (--output gives more)", where)};
    if (verdict == "cancelled")
        return {kBySignal + SIGTERM, "the job was cancelled" + (result.error ? ": " + why(result) : "")};
    return {kOurFailure, core::format("{}: {}", verdict, why(result))};
}

}  // namespace singularity::cli
