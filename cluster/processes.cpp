#include "cluster/processes.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <functional>

#include "cluster/replace_file.hpp"
#include "core/format.hpp"

namespace singularity::cluster {

namespace {

namespace fs = std::filesystem;

std::vector<pid_t> all_where(const std::function<bool(pid_t, const fs::path&)>& wanted) {
    std::vector<pid_t> found;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
        const std::string name = entry.path().filename();
        pid_t pid = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
        const bool is_process = error == std::errc{} && end == name.data() + name.size();
        if (is_process && wanted(pid, entry.path())) found.push_back(pid);
    }
    return found;
}

// The letter of proc(5)'s stat; 0 where there is no such process.
char state_of(pid_t pid) {
    const auto stat = read_file(core::format("/proc/{}/stat", pid));
    const auto name_end = stat ? stat->rfind(") ") : std::string::npos;
    return name_end == std::string::npos ? '\0' : (*stat)[name_end + 2];
}

}  // namespace

bool is_running(pid_t pid) {
    return state_of(pid) != '\0' && !is_zombie(pid);
}

bool is_zombie(pid_t pid) {
    return std::string_view("ZX").contains(state_of(pid));
}

std::string command_line(pid_t pid) {
    std::string text = read_file(core::format("/proc/{}/cmdline", pid)).value_or("");
    while (text.ends_with('\0')) text.pop_back();
    std::ranges::replace(text, '\0', ' ');
    return text;
}

std::vector<pid_t> servers_in(const fs::path& data) {
    struct stat wanted{};
    if (::stat(data.c_str(), &wanted) != 0) return {};
    return all_where([&](pid_t, const fs::path& process) {
        struct stat current{};
        std::error_code ignored;
        return ::stat((process / "cwd").c_str(), &current) == 0 && current.st_dev == wanted.st_dev &&
               current.st_ino == wanted.st_ino &&
               fs::read_symlink(process / "exe", ignored).filename().native().starts_with("postgres");
    });
}

std::vector<pid_t> started_with(std::string_view assignment) {
    const std::string needle = core::format("{}{}{}", '\0', assignment, '\0');
    return all_where([&](pid_t, const fs::path& process) {
        const auto environment = read_file(process / "environ");
        return environment && ('\0' + *environment).contains(needle);
    });
}

}  // namespace singularity::cluster
