// The machine: PostgreSQL and the packages beside it, the user, the kernel's limits.
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <filesystem>

#include "cluster/account.hpp"
#include "cluster/binaries.hpp"
#include "cluster/doctor.hpp"
#include "cluster/extension_files.hpp"
#include "core/format.hpp"

namespace singularity::cluster {

namespace {

namespace fs = std::filesystem;

constexpr rlim_t kOpenFiles = 1024;
constexpr std::uintmax_t kSharedMemory = 64U << 20;

struct Module {
    std::string_view package, library, purpose;
    Verdict without;
};

constexpr std::array<Module, 4> kModules = {{
    {"postgresql-17-cron", "pg_cron.so", "the schedule; the server does not start without it", Verdict::fail},
    {"postgresql-17-pgvector", "vector.so", "similarity search", Verdict::fail},
    {"postgresql-17-h3", "h3.so", "geospatial clustering", Verdict::fail},
    {"postgresql-17-wal2json", "wal2json.so", "change data capture", Verdict::fail},
}};

Check check_binaries(const core::Config& config) {
    const auto binaries = find_binaries(config.postgres_bin_dir);
    if (!binaries) return {"postgresql", Verdict::fail, binaries.error().message, "make deps"};
    return {"postgresql", Verdict::ok,
            core::format("PostgreSQL {}.{} in {}", kMajorVersion, binaries->minor, binaries->folder.string()),
            ""};
}

Check check_module(const Module& module, const fs::path& libraries) {
    const std::string name(module.package);
    std::error_code ignored;
    if (fs::exists(libraries / module.library, ignored)) {
        return {name, Verdict::ok, core::format("installed: {}", module.purpose), ""};
    }
    return {name, module.without, core::format("not installed: {}", module.purpose),
            core::format("make deps (or: apt-get install {})", module.package)};
}

Check check_extensions() {
    const auto source = extension_source();
    std::error_code ignored;
    if (fs::is_directory(source / "usr", ignored)) return {"extensions", Verdict::ok, source.string(), ""};
    if (fs::exists("/usr/share/postgresql/17/extension/sg_ulid.control", ignored)) {
        return {"extensions", Verdict::ok, "installed system-wide", ""};
    }
    return {"extensions", Verdict::fail,
            core::format("the backbone's own extensions are neither in {} nor installed system-wide",
                         source.string()),
            "make build"};
}

Check check_account() {
    const auto account = cluster_account();
    if (!account) return {"account", Verdict::fail, account.error().message, account.error().details.front()};
    return {"account", Verdict::ok, core::format("the cluster runs as user {}", account->name), ""};
}

Check check_open_files() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    const std::string found = core::format("{} open files a process", limit.rlim_cur);
    if (limit.rlim_cur >= kOpenFiles) return {"open files", Verdict::ok, found, ""};
    return {"open files", Verdict::warn, found + " are few for a server with 200 connections",
            core::format("ulimit -n {}", kOpenFiles)};
}

Check check_shared_memory() {
    std::error_code missing;
    const auto space = fs::space("/dev/shm", missing);
    if (missing || ::access("/dev/shm", W_OK) != 0) {
        return {"shared memory", Verdict::fail,
                "/dev/shm is not there or not writable: parallel queries would fail",
                "mount -t tmpfs -o mode=1777 tmpfs /dev/shm"};
    }
    const std::string found = core::format("{} MB free in /dev/shm", space.available >> 20);
    if (space.available >= kSharedMemory) return {"shared memory", Verdict::ok, found, ""};
    return {"shared memory", Verdict::warn, found + ", little for parallel queries",
            "mount -o remount,size=256m /dev/shm (in a container: --shm-size=256m)"};
}

}  // namespace

std::vector<Check> examine_machine(const core::Config& config) {
    std::vector<Check> checks = {check_binaries(config)};
    const fs::path libraries = config.postgres_bin_dir.parent_path() / "lib";
    for (const Module& module : kModules) checks.push_back(check_module(module, libraries));
    checks.push_back(check_extensions());
    checks.push_back(check_account());
    checks.push_back(check_open_files());
    checks.push_back(check_shared_memory());
    return checks;
}

}  // namespace singularity::cluster
