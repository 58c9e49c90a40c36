// The sandbox, tried: a box is made here and now, and a few attacks are made in it.
#include "cli/doctor_sandbox.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "cli/sandbox_line.hpp"
#include "core/format.hpp"
#include "sandbox/box.hpp"

namespace singularity::cli {

namespace asio = boost::asio;
using cluster::Check;
using cluster::Verdict;

namespace {

constexpr const char* kMarker = "reached";

struct Attack {
    const char* name;
    const char* script;  // prints kMarker where it got what it wanted
    const char* held;    // what is true where it did not
};

constexpr Attack kAttacks[] = {
    {"sandbox: host files", "cat /etc/shadow /root/.profile /dev/vda 2>/dev/null | grep -q . && echo reached",
     "a box reads nothing of the host but its programs"},
    {"sandbox: system", ": 2>/dev/null > /usr/box-was-here && echo reached",
     "a box writes nothing of the host"},
    {"sandbox: network", "(: < /dev/tcp/127.0.0.1/1) 2>&1 | grep -q 'refused' && echo reached",
     "a box cannot make a socket of the network"},
};

struct Tried {
    sandbox::Ending ending;
    std::string out;
};

asio::awaitable<Tried> try_out(sandbox::Sandbox& boxes, std::string script, sandbox::Limits limits) {
    Tried tried;
    sandbox::Streams streams;
    streams.output = [&tried](sandbox::Stream, std::string_view piece) -> asio::awaitable<void> {
        tried.out += piece;
        co_return;
    };
    sandbox::Program program{.arguments = {"/bin/bash", "-c", std::move(script)},
                             .environment = {"PATH=/usr/bin"}};
    sandbox::Workspace workspace = co_await boxes.open({}, {});
    tried.ending = co_await workspace.run(std::move(program), limits, std::move(streams));
    co_return tried;
}

Check judge(const Attack& attack, const Tried& tried) {
    if (tried.out.contains(kMarker)) {
        return {attack.name, Verdict::fail, core::format("an attack succeeded: {}", attack.script),
                "run no untrusted code on this machine, and report this"};
    }
    return {attack.name, Verdict::ok, attack.held, ""};
}

Check judge_tier(sandbox::Tier tier, bool allowed) {
    const std::string name(sandbox::name_of(tier));
    if (tier != sandbox::Tier::rlimits)
        return {"sandbox", Verdict::ok, core::format("boxes work: {}", name), ""};
    return {"sandbox", Verdict::warn,
            core::format("boxes work, but no cgroup bounds the processes of one together{}",
                         allowed ? "" : ": no code is run"),
            "run the backbone as root, or in a user's service with Delegate=yes\n"
            "or trust those who send code, and set sandbox.allow_without_cgroups = true"};
}

Check judge_memory(sandbox::Cause cause) {
    using enum sandbox::Cause;
    constexpr const char* kMemory = "sandbox: memory";
    if (cause == memory_limit) return {kMemory, Verdict::ok, "what takes too much memory is ended", ""};
    if (cause == cpu_limit || cause == wall_limit)
        return {kMemory, Verdict::warn, "not known: the machine was too slow to take too much memory",
                "singularity doctor, when it has less to do"};
    return {kMemory, Verdict::fail, "a program took more memory than it may",
            "run no untrusted code on this machine, and report this"};
}

asio::awaitable<void> examine(sandbox::Sandbox& boxes, bool allowed, std::vector<Check>& checks) {
    const sandbox::Tier tier = co_await boxes.tier();
    co_await try_out(boxes, "echo", {});
    checks.push_back(judge_tier(tier, allowed));
    for (const Attack& attack : kAttacks) {
        const Tried tried = co_await try_out(boxes, attack.script, {});
        checks.push_back(judge(attack, tried));
    }
    if (tier == sandbox::Tier::rlimits) co_return;
    // A shell that may not fork tries again and again: it is not waited for.
    const sandbox::Limits small{
        .wall = std::chrono::seconds(2), .memory_bytes = 64 * sandbox::kMiB, .processes = 32};
    const Tried forks =
        co_await try_out(boxes, "for i in $(seq 100); do sleep 9 & done 2>/dev/null; kill $(jobs -p)", small);
    const std::string forked = core::format("{} processes of 100 where {} are allowed",
                                            forks.ending.usage.processes_peak, small.processes);
    checks.push_back({"sandbox: processes",
                      forks.ending.usage.processes_peak <= small.processes ? Verdict::ok : Verdict::fail,
                      forked, ""});
    const Tried memory =
        co_await try_out(boxes, "head -c 1G /dev/zero | tail",
                         {.wall = std::chrono::seconds(30), .memory_bytes = 64 * sandbox::kMiB});
    checks.push_back(judge_memory(memory.ending.cause));
}

Check unusable(const std::string& reason) {
    return {"sandbox", Verdict::warn, core::format("no job can run: {}", reason),
            reason.contains("bubblewrap") ? "make deps (or: apt-get install bubblewrap)"
                                          : "singularity doctor, as root"};
}

}  // namespace

std::vector<Check> examine_sandbox(const core::Config& config) {
    auto options = launcher_options(config);
    options.name = core::format("doctor-{}", ::getpid());
    options.prepared = 0;
    options.allow_without_cgroups = true;
    options.silent = true;
    auto launcher = sandbox::fork_launcher(options);
    if (!launcher) return {unusable(launcher.error().message)};
    std::vector<Check> checks;
    {
        asio::io_context io(1);
        sandbox::Sandbox boxes(io.get_executor(), launcher->client.release());
        asio::co_spawn(io, examine(boxes, config.sandbox_allow_without_cgroups, checks),
                       [&](std::exception_ptr error) {
                           try {
                               if (error) std::rethrow_exception(error);
                           } catch (const sandbox::SandboxError& failure) {
                               checks.push_back(unusable(failure.what()));
                           }
                       });
        io.run();
    }
    ::waitpid(launcher->keeper, nullptr, 0);
    return checks;
}

}  // namespace singularity::cli
