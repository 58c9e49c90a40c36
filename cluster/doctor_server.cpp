// The cluster: its version, its durability, what a crash left behind, how it runs.
#include <filesystem>

#include "cluster/current_status.hpp"
#include "cluster/data_version.hpp"
#include "cluster/doctor.hpp"
#include "cluster/home_lock.hpp"
#include "cluster/postmaster.hpp"
#include "cluster/processes.hpp"
#include "cluster/run_program.hpp"
#include "cluster/sockets.hpp"
#include "core/format.hpp"

namespace singularity::cluster {

namespace {

namespace fs = std::filesystem;

constexpr char kDown[] = "singularity down";

Check check_version(const Home& home, const Binaries& binaries) {
    if (const auto fits = check_data_version(home, binaries); !fits) {
        std::string steps;
        for (const std::string& step : fits.error().details) steps += (steps.empty() ? "" : "\n") + step;
        return {"data directory", Verdict::fail, fits.error().message, steps};
    }
    return {"data directory", Verdict::ok,
            core::format("{}, PostgreSQL {}", home.data().string(), kMajorVersion), ""};
}

// What the server would use, after every file that has a say.
std::string setting(const Home& home, const Binaries& binaries, const std::string& name) {
    // With -C first even root may ask.
    const auto answer = run_program({binaries.postgres().string(), "-C", name, "-D", home.data().string()});
    if (!answer || !answer->status.success()) return "";
    return answer->output.substr(0, answer->output.find('\n'));
}

Check check_durability(const Home& home, const Binaries& binaries) {
    for (const std::string name : {"fsync", "full_page_writes", "synchronous_commit"}) {
        const std::string value = setting(home, binaries, name);
        if (value == "off") {
            return {
                "durability", Verdict::fail,
                core::format("{} is off: what was acknowledged may be lost", name),
                core::format("remove it from {} and {}/postgresql.auto.conf, then singularity down and up",
                             home.operator_conf().string(), home.data().string())};
        }
        if (value.empty()) {
            return {"durability", Verdict::warn,
                    core::format("the server does not tell its setting {}", name),
                    core::format("{} -C {} -D {}", binaries.postgres().string(), name, home.data().string())};
        }
    }
    return {"durability", Verdict::ok, "fsync, full_page_writes and synchronous_commit are on", ""};
}

Check check_checksums(const Home& home, const Binaries& binaries) {
    const auto answer = run_program({binaries.controldata().string(), home.data().string()});
    if (answer && answer->output.contains("Data page checksum version:           0")) {
        return {"checksums", Verdict::warn, "data pages have no checksums: silent damage stays silent",
                core::format("singularity down, then {}/pg_checksums --enable -D {}",
                             binaries.folder.string(), home.data().string())};
    }
    return {"checksums", Verdict::ok, "data pages have checksums", ""};
}

Check check_leftovers(const Home& home, bool supervised) {
    std::error_code ignored;
    const auto sockets = sockets_of(home);
    if (supervised) return {"leftovers", Verdict::ok, "none: a supervisor is there", ""};
    if (const auto servers = servers_in(home.data()); !servers.empty()) {
        return {"leftovers", Verdict::fail,
                core::format("PostgreSQL runs without a supervisor (pid {})", servers.front()), kDown};
    }
    if (fs::exists(home.data() / "postmaster.pid", ignored)) {
        return {"leftovers", Verdict::warn, "a server crashed and left its pid file and its shared memory",
                kDown};
    }
    if (sockets && fs::exists(notify_socket(*sockets), ignored)) {
        return {"leftovers", Verdict::warn, "a supervisor was killed and left its socket", kDown};
    }
    if (fs::exists(home.new_data(), ignored)) {
        return {"leftovers", Verdict::warn,
                core::format("{} is of an initdb that did not end", home.new_data().string()),
                core::format("rm -r {} (up does it too)", home.new_data().string())};
    }
    return {"leftovers", Verdict::ok, "none", ""};
}

Check check_running(const Status& status) {
    if (status.state == "stopped") return {"backbone", Verdict::ok, "not running", "singularity up --detach"};
    if (status.state == "healthy") return {"backbone", Verdict::ok, "healthy", ""};
    std::string finding = status.state;
    for (const PartStatus& part : status.services) {
        if (part.state == "healthy") continue;
        finding += core::format("; {} is {}{}{}", part.name, part.state, part.detail.empty() ? "" : ": ",
                                part.detail);
    }
    const bool failed = finding.contains("failed");
    return {"backbone", failed ? Verdict::fail : Verdict::warn, finding,
            failed ? "singularity down; singularity up --detach" : "singularity status"};
}

}  // namespace

std::vector<Check> examine_server(const Home& home, const core::Config& config) {
    std::error_code ignored;
    std::vector<Check> checks;
    const auto status = current_status(home);
    if (!status) return {{"backbone", Verdict::warn, status.error().message, status.error().details.front()}};
    const auto binaries = find_binaries(config.postgres_bin_dir);
    if (binaries && fs::exists(home.data() / "PG_VERSION", ignored)) {
        checks.push_back(check_version(home, *binaries));
        if (checks.back().verdict == Verdict::ok) {
            checks.push_back(check_durability(home, *binaries));
            checks.push_back(check_checksums(home, *binaries));
        }
    }
    checks.push_back(check_leftovers(home, lock_holder(home).has_value()));
    checks.push_back(check_running(*status));
    return checks;
}

}  // namespace singularity::cluster
