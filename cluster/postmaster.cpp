#include "cluster/postmaster.hpp"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <chrono>
#include <csignal>
#include <ranges>

#include "cluster/processes.hpp"
#include "cluster/replace_file.hpp"
#include "core/format.hpp"

namespace singularity::cluster {

namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto kLook = 20ms;   // between two looks at /proc
constexpr auto kUnasked = 3s;  // a server that is not stopping by then was never asked to
constexpr auto kFastShutdown = 60s;
constexpr auto kOrphanPatience = 2s;  // backends notice a lost postmaster when they next wait

template <typename Number>
Number number_in(std::string_view text, Number otherwise) {
    const auto start = text.find_first_not_of(' ');
    if (start != std::string_view::npos)
        std::from_chars(text.data() + start, text.data() + text.size(), otherwise);
    return otherwise;
}

std::string_view trimmed(std::string_view text) {
    return text.substr(0, text.find_last_not_of(' ') + 1);
}

asio::awaitable<void> pause(std::chrono::milliseconds time) {
    asio::steady_timer timer(co_await asio::this_coro::executor, time);
    co_await timer.async_wait(asio::use_awaitable);
}

bool contains_pid(const std::vector<pid_t>& pids, const std::optional<PidFile>& file) {
    return file && std::ranges::contains(pids, file->pid);
}

void send(const std::vector<pid_t>& pids, int signal) {
    for (const pid_t pid : pids) ::kill(pid, signal);
}

core::Error runs_unsupervised(const fs::path& data, pid_t pid) {
    return {core::ErrorCode::refused,
            core::format("PostgreSQL (pid {}) already runs on {}, without a supervisor", pid, data.string()),
            {"stop it with: singularity down"}};
}

core::Expected<void> check_pid_file(const fs::path& data) {
    const auto file = read_pid_file(data);
    if (!file || !is_running(file->pid)) return {};
    return core::failure(
        core::ErrorCode::refused,
        core::format("{} names process {} ({}), which is no server of this home",
                     (data / "postmaster.pid").string(), file->pid, command_line(file->pid)),
        {core::format("where no PostgreSQL runs on {0}, remove the file: rm {0}/postmaster.pid",
                      data.string())});
}

}  // namespace

std::optional<PidFile> parse_pid_file(std::string_view text) {
    PidFile file;
    int line_number = 0;
    for (const auto part : std::views::split(text, '\n')) {
        const std::string_view line(part.begin(), part.end());
        switch (++line_number) {
            case 1: file.pid = number_in<pid_t>(line, 0); break;
            case 7:
                file.shared_memory_id =
                    number_in(line.substr(std::min(line.find_last_of(' '), line.size())), -1);
                break;
            case 8: file.status = trimmed(line); break;
            default: break;
        }
    }
    if (file.pid <= 0) return std::nullopt;
    return file;
}

std::optional<PidFile> read_pid_file(const fs::path& data) {
    return read_file(data / "postmaster.pid").and_then([](const std::string& text) {
        return parse_pid_file(text);
    });
}

bool needs_recovery(const fs::path& data) {
    return fs::exists(data / "postmaster.pid");
}

std::vector<std::string> environment_past_zombie(const fs::path& data) {
    const auto file = read_pid_file(data);
    if (!file || !is_zombie(file->pid)) return {};
    return {core::format("PG_GRANDPARENT_PID={}", file->pid)};
}

asio::awaitable<core::Expected<void>> wait_until_vacant(fs::path data) {
    const auto start = steady_clock::now();
    auto orphaned_since = start;
    for (;;) {
        const auto pids = servers_in(data);
        if (pids.empty()) co_return check_pid_file(data);
        const auto file = read_pid_file(data);
        const auto now = steady_clock::now();
        if (contains_pid(pids, file)) {
            orphaned_since = now;
            if (file->status != "stopping" && now - start > kUnasked) {
                co_return std::unexpected(runs_unsupervised(data, file->pid));
            }
            if (now - start > kFastShutdown) ::kill(file->pid, SIGQUIT);
        } else if (now - orphaned_since > kOrphanPatience) {
            send(pids, SIGQUIT);
            orphaned_since = now;
        }
        co_await pause(kLook);
    }
}

asio::awaitable<void> stop_server(fs::path data) {
    auto pids = servers_in(data);
    const auto start = steady_clock::now();
    const auto file = read_pid_file(data);
    if (contains_pid(pids, file)) ::kill(file->pid, SIGINT);
    bool quit_sent = false;
    while (!pids.empty()) {
        const auto waited = steady_clock::now() - start;
        const bool orphans = !contains_pid(pids, read_pid_file(data));
        if (!quit_sent && waited > (orphans ? std::chrono::seconds(kOrphanPatience) : kFastShutdown)) {
            send(pids, SIGQUIT);
            quit_sent = true;
        }
        co_await pause(kLook);
        pids = servers_in(data);
    }
}

}  // namespace singularity::cluster
