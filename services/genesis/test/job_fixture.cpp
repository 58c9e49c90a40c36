#include "services/genesis/test/job_fixture.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>

#include "core/format.hpp"
#include "sandbox/launcher.hpp"

namespace singularity::services::genesis {

namespace {

const core::Expected<sandbox::ForkedLauncher>& shared_launcher() {
    static const auto launcher = sandbox::fork_launcher({.name = core::format("test-{}", ::getpid())});
    return launcher;
}

}  // namespace

void JobTest::SetUp() {
    const auto& launcher = shared_launcher();
    if (!launcher) GTEST_SKIP() << launcher.error().message;
    sandbox.emplace(io.get_executor(), ::fcntl(launcher->client.get(), F_DUPFD_CLOEXEC, 0));
}

messages::JobResult JobTest::run(const messages::JobRequest& request, OutputSink sink) {
    JobRunner runner(*sandbox, languages);
    if (const auto refused = runner.check(request)) throw std::invalid_argument(refused->message);
    std::optional<messages::JobResult> result;
    std::exception_ptr thrown;
    boost::asio::co_spawn(io, runner.run(request, std::move(sink)),
                          [&](std::exception_ptr error, messages::JobResult told) {
                              thrown = std::move(error);
                              if (!thrown) result = std::move(told);
                          });
    io.restart();
    io.run();
    if (thrown) std::rethrow_exception(thrown);
    return std::move(*result);
}

messages::JobResult JobTest::run_with(const Languages& changed, const messages::JobRequest& request) {
    const Languages ours = std::exchange(languages, changed);
    auto result = run(request);
    languages = ours;
    return result;
}

messages::JobRequest job(std::string language, std::string code) {
    messages::JobRequest request;
    request.request_id = request.id = "01JOB";
    request.language = std::move(language);
    request.code = std::move(code);
    return request;
}

std::string told(const messages::JobResult& result) {
    return core::format("{} in {}, exit code {}, signal {}\ncompiler: {}\nstdout: {}\nstderr: {}\nerror: {}",
                        result.verdict, result.phase.value_or("none"), result.exit_code.value_or(-1),
                        result.signal.value_or(-1), result.compile_output.value_or(""),
                        result.stdout.value_or(""), result.stderr.value_or(""),
                        result.error ? result.error->message : "none");
}

}  // namespace singularity::services::genesis
