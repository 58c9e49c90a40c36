#include "sandbox/cgroup.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <sstream>

#include "sandbox/small_file.hpp"

namespace singularity::sandbox {

namespace fs = std::filesystem;

Cgroup::Cgroup(const CgroupPlaces& places, std::string id) : at_(places) {
    for (fs::path* path : {&at_.unified, &at_.memory, &at_.pids, &at_.cpuacct, &at_.freezer}) {
        if (!path->empty()) *path /= id;
    }
}

std::vector<fs::path> Cgroup::groups() const {
    std::vector<fs::path> result;
    for (const fs::path& path : {at_.unified, at_.memory, at_.pids, at_.cpuacct, at_.freezer}) {
        if (!path.empty()) result.push_back(path);
    }
    return result;
}

bool Cgroup::create() {
    return std::ranges::all_of(groups(),
                               [](const fs::path& path) { return ::mkdir(path.c_str(), 0755) == 0; });
}

std::vector<std::string> Cgroup::doors() const {
    std::vector<std::string> result;
    for (const fs::path& path : groups()) result.push_back((path / "cgroup.procs").string());
    return result;
}

// The limit of memory and swap together must never lie below that of memory: either order may be needed.
bool Cgroup::limit_memory_v1(std::int64_t bytes) {
    const auto limit = at_.memory / "memory.limit_in_bytes",
               with_swap = at_.memory / "memory.memsw.limit_in_bytes";
    const bool first = write_small_file(limit, bytes);
    write_small_file(with_swap, bytes);  // not there in a kernel that counts no swap
    return first || write_small_file(limit, bytes);
}

bool Cgroup::set_limits(std::int64_t memory_bytes, std::int64_t processes) {
    if (at_.tier == Tier::rlimits) return true;
    if (at_.tier == Tier::cgroup_v2) {
        write_small_file(at_.unified / "memory.swap.max", 0);
        return write_small_file(at_.unified / "memory.max", memory_bytes) &&
               write_small_file(at_.unified / "pids.max", processes);
    }
    return limit_memory_v1(memory_bytes) && write_small_file(at_.pids / "pids.max", processes);
}

// In v2 what is written makes this descriptor count anew, and no other.
void Cgroup::forget_memory_peak() {
    if (at_.tier != Tier::cgroup_v2) {
        if (!at_.memory.empty()) write_small_file(at_.memory / "memory.max_usage_in_bytes", 0);
        return;
    }
    peak_ = core::Descriptor(::open((at_.unified / "memory.peak").c_str(), O_RDWR | O_CLOEXEC));
    if (peak_ && ::write(peak_.get(), "0", 1) != 1) peak_.reset();
}

namespace {

std::int64_t peak_from(int file) {
    std::array<char, 32> text{};
    const ssize_t size = ::pread(file, text.data(), text.size(), 0);
    std::int64_t peak = 0;
    if (size > 0) std::from_chars(text.data(), text.data() + size, peak);
    return peak;
}

}  // namespace

CgroupUsage Cgroup::usage() const {
    if (at_.tier == Tier::rlimits) return {};
    CgroupUsage usage;
    if (!at_.unified.empty()) {
        usage.cpu_us = read_keyed_number(at_.unified / "cpu.stat", "usage_usec").value_or(0);
    } else {
        usage.cpu_us = read_number(at_.cpuacct / "cpuacct.usage").value_or(0) / 1000;
    }
    if (at_.tier == Tier::cgroup_v2) {
        usage.memory_peak_bytes =
            peak_ ? peak_from(peak_.get()) : read_number(at_.unified / "memory.peak").value_or(0);
        usage.oom_kills = read_keyed_number(at_.unified / "memory.events", "oom_kill").value_or(0);
        usage.processes_peak = read_number(at_.unified / "pids.peak").value_or(0);
        return usage;
    }
    usage.memory_peak_bytes = read_number(at_.memory / "memory.max_usage_in_bytes").value_or(0);
    usage.oom_kills = read_keyed_number(at_.memory / "memory.oom_control", "oom_kill").value_or(0);
    usage.processes_peak = read_number(at_.pids / "pids.peak").value_or(0);
    return usage;
}

void Cgroup::kill_through_freezer() {
    const auto state = at_.freezer / "freezer.state";
    write_small_file(state, "FROZEN");
    std::istringstream processes(read_small_file(at_.freezer / "cgroup.procs").value_or(""));
    for (pid_t pid; processes >> pid;) ::kill(pid, SIGKILL);
    write_small_file(state, "THAWED");
}

void Cgroup::kill() {
    if (!at_.unified.empty()) write_small_file(at_.unified / "cgroup.kill", 1);
    else if (!at_.freezer.empty()) kill_through_freezer();
}

bool Cgroup::populated() const {
    if (!at_.unified.empty()) {
        return read_keyed_number(at_.unified / "cgroup.events", "populated").value_or(0) != 0;
    }
    return !at_.memory.empty() && !read_small_file(at_.memory / "cgroup.procs").value_or("").empty();
}

std::int64_t Cgroup::processes() const {
    const auto& counting = at_.tier == Tier::cgroup_v2 ? at_.unified : at_.pids;
    return counting.empty() ? 0 : read_number(counting / "pids.current").value_or(0);
}

bool Cgroup::remove() {
    bool gone = true;
    for (const fs::path& path : groups()) gone = (::rmdir(path.c_str()) == 0 || errno == ENOENT) && gone;
    return gone;
}

void sweep_cgroups(const CgroupPlaces& places) {
    std::vector<std::string> ids;
    for (const fs::path& ours :
         {places.unified, places.memory, places.pids, places.cpuacct, places.freezer}) {
        std::error_code unreadable;
        for (const auto& entry : fs::directory_iterator(ours, unreadable)) {
            if (entry.is_directory()) ids.push_back(entry.path().filename());
        }
    }
    for (const std::string& id : ids) {
        Cgroup left(places, id);
        left.kill();
        for (int round = 0; !left.remove() && round < 2'000; ++round) ::usleep(1'000);
    }
    for (const fs::path& ours :
         {places.unified, places.memory, places.pids, places.cpuacct, places.freezer}) {
        if (!ours.empty()) ::rmdir(ours.c_str());
    }
}

}  // namespace singularity::sandbox
