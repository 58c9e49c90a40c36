#include "cluster/crashed_server.hpp"

#include <poll.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>

#include "cluster/log_file.hpp"
#include "cluster/os_error.hpp"
#include "cluster/postmaster.hpp"
#include "cluster/process.hpp"
#include "core/format.hpp"

namespace singularity::cluster {

namespace {

constexpr std::size_t kTail = 10;
constexpr int kLook = 20;  // milliseconds between two looks at the pid file

// Removed with all that is in it at the end.
class PassingFolder {
public:
    PassingFolder() : path_(std::filesystem::temp_directory_path() / "singularity.XXXXXX") {
        made_ = ::mkdtemp(path_.data()) != nullptr;
    }
    PassingFolder(const PassingFolder&) = delete;
    PassingFolder& operator=(const PassingFolder&) = delete;
    ~PassingFolder() {
        std::error_code ignored;
        if (made_) std::filesystem::remove_all(path_, ignored);
    }
    const std::string& path() const { return path_; }

private:
    std::string path_;
    bool made_ = false;
};

bool ended(const Process& server, int milliseconds) {
    pollfd watched{.fd = server.pidfd(), .events = POLLIN, .revents = 0};
    return ::poll(&watched, 1, milliseconds) > 0;
}

bool ready(const Home& home, const Process& server) {
    const auto file = read_pid_file(home.data());
    return file && file->pid == server.pid() && file->status == "ready";
}

core::Error start_failure(const Home& home, const ExitStatus& status, std::vector<std::string> lines) {
    const std::string complaint = complaint_in(lines);
    if (says_disk_full(complaint)) return {core::ErrorCode::failed, disk_full_sentence(home.root()), {}};
    return {
        core::ErrorCode::failed,
        core::format("PostgreSQL {} while it cleared up after its crash: {}", status.describe(), complaint),
        std::move(lines)};
}

}  // namespace

core::Expected<void> clear_after_crash(const Home& home, const Binaries& binaries,
                                       const std::filesystem::path& sockets) {
    const auto path = home.log_of("postgresql");
    const auto log = open_log(path);
    if (!log) return std::unexpected(log.error());
    std::error_code ignored;
    std::optional<PassingFolder> passing;
    if (!std::filesystem::is_directory(sockets, ignored)) passing.emplace();
    const std::string folder = passing ? passing->path() : sockets.string();
    const auto log_start = std::filesystem::file_size(path, ignored);
    const std::string program =
        binaries.postgres().string();  // also as its own name: it finds its modules by it
    auto server =
        spawn({.program = program,
               .arguments = {program, "-D", home.data().string(), "-c", "shared_preload_libraries=", "-c",
                             "max_logical_replication_workers=0", "-c", "unix_socket_directories=" + folder},
               .environment = child_environment(environment_past_zombie(home.data())),
               .output = log->get(),
               .death_signal = SIGINT,
               .no_new_privileges = true});
    if (!server) return std::unexpected(std::move(server.error()));
    while (!ready(home, *server)) {
        if (!ended(*server, kLook)) continue;
        return std::unexpected(start_failure(home, server->wait(), last_log_lines(path, kTail, log_start)));
    }
    server->send(SIGINT);
    server->wait();
    return {};
}

}  // namespace singularity::cluster
