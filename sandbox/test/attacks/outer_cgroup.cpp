#include "sandbox/test/attacks/outer_cgroup.hpp"

#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>

namespace singularity::sandbox::attacks {

namespace {

namespace fs = std::filesystem;

bool write_to(const std::string& path, std::int64_t value) {
    std::ofstream file(path);
    file << value << std::flush;
    return file.good();
}

// Where this process is in a hierarchy: "memory" of v1, or "" for v2.
std::string path_in(const std::string& controller) {
    std::ifstream file("/proc/self/cgroup");
    const std::string wanted = ":" + controller + ":";
    for (std::string line; std::getline(file, line);)
        if (const auto at = line.find(wanted); at != std::string::npos)
            return line.substr(at + wanted.size());
    return "/";
}

std::string unique_name() {
    static std::atomic<int> count{0};
    return "/attack-" + std::to_string(getpid()) + "-" + std::to_string(++count);
}

}  // namespace

OuterCgroup::OuterCgroup() {
    const std::string root = "/sys/fs/cgroup", name = unique_name();
    unified_ = fs::exists(root + "/cgroup.controllers");
    const auto make = [&](const std::string& folder) {
        if (mkdir(folder.c_str(), 0755) == 0) folders_.push_back(folder);
        return folder;
    };
    if (unified_) {
        memory_ = make(root + path_in("") + name);
        holds_ = write_to(memory_ + "/memory.max", kBytes) && write_to(memory_ + "/pids.max", kProcesses);
        return;
    }
    memory_ = make(root + "/memory" + path_in("memory") + name);
    const std::string pids = make(root + "/pids" + path_in("pids") + name);
    holds_ = write_to(memory_ + "/memory.limit_in_bytes", kBytes) && write_to(pids + "/pids.max", kProcesses);
}

OuterCgroup::~OuterCgroup() {
    end_all();
    for (const std::string& folder : folders_) rmdir(folder.c_str());
}

void OuterCgroup::enter() const {
    for (const std::string& folder : folders_)
        if (!write_to(folder + "/cgroup.procs", 0)) _exit(99);
}

std::vector<pid_t> OuterCgroup::processes() const {
    std::vector<pid_t> found;
    for (const std::string& folder : folders_) {
        std::ifstream file(folder + "/cgroup.procs");
        for (pid_t process; file >> process;) found.push_back(process);
    }
    return found;
}

void OuterCgroup::end_all() {
    for (auto left = processes(); !left.empty(); left = processes()) {
        for (const pid_t process : left)
            if (process > 0) kill(process, SIGKILL);
        sched_yield();
    }
}

std::int64_t OuterCgroup::memory_peak() const {
    std::int64_t peak = 0;
    std::ifstream(memory_ + (unified_ ? "/memory.peak" : "/memory.max_usage_in_bytes")) >> peak;
    return peak;
}

}  // namespace singularity::sandbox::attacks
