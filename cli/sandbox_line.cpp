#include "cli/sandbox_line.hpp"

#include <fcntl.h>
#include <poll.h>

#include "cluster/log_file.hpp"
#include "cluster/log_settings.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "sandbox/patience.hpp"
#include "services/genesis/languages/table.hpp"

namespace singularity::cli {

namespace asio = boost::asio;

namespace {

constexpr const char* kName = "sandbox";
constexpr auto kPatience = std::chrono::seconds(5);
constexpr const char* kRemedy = "; singularity down and up start it anew";
constexpr const char* kNoAnswer = "its launcher does not answer";

// FNV-1a: the same home has the same name in every life, so that one sweeps up after another.
std::string name_for(const std::string& home) {
    std::uint64_t hash = 14'695'981'039'346'656'037U;
    for (const char byte : home) hash = (hash ^ static_cast<unsigned char>(byte)) * 1'099'511'628'211U;
    return core::format("{:016x}", hash);
}

asio::awaitable<cluster::Neighbour::Look> look(asio::any_io_executor executor, int line, bool allowed) {
    sandbox::Sandbox box(executor, ::fcntl(line, F_DUPFD_CLOEXEC, 0));
    try {
        const sandbox::Tier tier = co_await sandbox::within(kPatience, kNoAnswer, box.tier());
        const std::string name(sandbox::name_of(tier));
        if (tier != sandbox::Tier::rlimits || allowed) co_return cluster::Neighbour::Look{"healthy", name};
        co_return cluster::Neighbour::Look{
            "stopped", "runs nothing: no cgroup can be used here (see sandbox.allow_without_cgroups)"};
    } catch (const sandbox::SandboxGone& error) {
        co_return cluster::Neighbour::Look{"stopped", std::string(error.what()) + kRemedy};
    } catch (const sandbox::SandboxError& error) {
        const bool silent = std::string_view(error.what()) == kNoAnswer;
        co_return cluster::Neighbour::Look{silent ? "degraded" : "stopped", error.what()};
    }
}

}  // namespace

sandbox::LauncherOptions launcher_options(const core::Config& config) {
    using namespace services::genesis;
    const auto runtimes = runtimes_folder();
    return {.name = name_for(config.home.string()),
            .runtimes = runtimes,
            .first_user = static_cast<uid_t>(config.sandbox_first_user),
            .prepared = static_cast<unsigned>(config.sandbox_prepared_boxes),
            .prepared_mounts = all_mounts(all_languages(runtimes)),
            .allow_without_cgroups = config.sandbox_allow_without_cgroups};
}

std::optional<SandboxLine> start_sandbox(const core::Config& config) {
    auto options = launcher_options(config);
    options.silent = true;  // until it has its log
    options.on_begin = [&config] { cluster::configure_log(config, kName); };
    auto forked = sandbox::fork_waiting_launcher(options);
    if (!forked) {
        core::log::warn("sandbox.missing", {{"reason", forked.error().message}});
        return std::nullopt;
    }
    return std::move(*forked);
}

void begin_sandbox(SandboxLine& line, const cluster::Home& home) {
    const auto path = home.log_of(kName);
    cluster::rotate_log(path);
    const auto log = cluster::open_log(path);
    if (!log) core::log::warn("sandbox.no_log", {{"reason", log.error().message}});
    line.begin(log ? log->get() : -1);
}

void end_sandbox(SandboxLine& line) {
    line.orders.reset();
    line.client.reset();
    pollfd end{.fd = line.ended.get(), .events = POLLIN, .revents = 0};
    ::poll(&end, 1, static_cast<int>(std::chrono::milliseconds(kPatience).count()));
}

void hand_to(const SandboxLine& line, cluster::ServiceCommand& genesis) {
    genesis.passed.push_back(line.client.get());
    genesis.environment.push_back(core::format("SINGULARITY_SANDBOX_FD={}", line.client.get()));
}

cluster::Neighbour as_neighbour(const SandboxLine& line, const core::Config& config,
                                const cluster::Home& home) {
    return {.name = kName,
            .log = home.log_of(kName),
            .look = [descriptor = line.client.get(), allowed = config.sandbox_allow_without_cgroups](
                        asio::any_io_executor executor) { return look(executor, descriptor, allowed); }};
}

}  // namespace singularity::cli
