#include "services/genesis/boxed_runner.hpp"

#include <boost/asio.hpp>

#include <charconv>

#include "core/config.hpp"
#include "services/genesis/job_check.hpp"
#include "services/genesis/job_runner.hpp"

namespace singularity::services::genesis {

namespace asio = boost::asio;

namespace {

constexpr std::string_view kLine = "SINGULARITY_SANDBOX_FD";

std::optional<int> line() {
    const auto text = core::environment_variable(kLine);
    int descriptor = -1;
    if (!text) return std::nullopt;
    const auto read = std::from_chars(text->data(), text->data() + text->size(), descriptor);
    if (read.ec != std::errc{} || read.ptr != text->data() + text->size() || descriptor < 0)
        return std::nullopt;
    return descriptor;
}

}  // namespace

struct BoxedRunner::Boxes {
    Boxes(const asio::any_io_executor& executor, std::optional<int> descriptor, bool allow)
        : allow_without_cgroups(allow) {
        if (descriptor) sandbox.emplace(executor, *descriptor);
        if (sandbox) jobs.emplace(*sandbox, languages);
    }

    // Throws SandboxError.
    sandbox::Sandbox& there() {
        if (!sandbox)
            throw sandbox::SandboxError("no line to the sandbox's launcher was given to this process");
        return *sandbox;
    }

    // Where no cgroup holds the sum of what a job uses, none is run unless that is allowed.
    asio::awaitable<void> probe() {
        const sandbox::Tier tier = co_await there().tier();
        if (tier == sandbox::Tier::rlimits && !allow_without_cgroups)
            throw sandbox::SandboxError("no cgroup can be used here (see sandbox.allow_without_cgroups)");
    }

    bool allow_without_cgroups;
    Languages languages = all_languages(runtimes_folder());
    std::optional<sandbox::Sandbox> sandbox;
    std::optional<JobRunner> jobs;
};

BoxedRunner::BoxedRunner(asio::any_io_executor executor, bool allow_without_cgroups)
    : boxes_(std::make_unique<Boxes>(executor, line(), allow_without_cgroups)) {}

BoxedRunner::~BoxedRunner() = default;

Runner BoxedRunner::runner() {
    Boxes* boxes = boxes_.get();
    using messages::JobRequest;
    return {
        .run = [boxes](const JobRequest& request, ShowOutput show) -> asio::awaitable<messages::JobResult> {
            boxes->there();
            return boxes->jobs->run(request, std::move(show));
        },
        .language = [boxes](std::string_view name) { return boxes->languages.own_name(name); },
        .check = [boxes](const JobRequest& request) { return check_job(request, boxes->languages); },
        .probe = [boxes] { return boxes->probe(); },
        .limits =
            [boxes](const JobRequest& request) {
                return boxes->jobs ? boxes->jobs->limits(request) : sandbox::Limits{};
            },
        .memory_mb =
            [boxes](const JobRequest& request) {
                return boxes->jobs ? boxes->jobs->memory_mb(request) : std::int64_t{0};
            },
    };
}

}  // namespace singularity::services::genesis
