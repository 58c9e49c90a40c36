// What belongs to the machine as a whole, as it was when the test began.
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <set>

#include "sandbox/test/attacks/targets.hpp"

namespace singularity::sandbox::attacks {

namespace {

std::string content_of(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::set<std::string> mounts() {
    std::ifstream file("/proc/self/mountinfo");
    std::set<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.insert(line);
    return lines;
}

// Far more than an hour's slewing of the clock, far less than what an attack adds.
constexpr std::int64_t kClockMayDrift = 60;

std::int64_t clock_offset() {
    timespec real{}, steady{};
    clock_gettime(CLOCK_REALTIME, &real);
    clock_gettime(CLOCK_BOOTTIME, &steady);
    return real.tv_sec - steady.tv_sec;
}

class Machine : public Target {
public:
    Machine() {
        for (const char* path : kFiles) before_[path] = content_of(path);
    }

    std::map<std::string, std::string> names() const override { return {}; }

    std::vector<std::string> touched() override {
        std::vector<std::string> sentences;
        for (const auto& [path, content] : before_)
            if (content_of(path) != content) sentences.push_back(path + " was changed");
        // One may go with its folder, as another test's does; none may come. Who is not root sees all of the
        // machine's come and go.
        if (geteuid() == 0 && !std::ranges::includes(mounts_, mounts()))
            sentences.push_back("there is a new mount");
        if (std::abs(clock_offset() - offset_) > kClockMayDrift) sentences.push_back("the clock was set");
        return sentences;
    }

private:
    static constexpr const char* kFiles[] = {"/proc/sys/kernel/hostname",
                                             "/proc/sys/kernel/core_pattern",
                                             "/proc/sys/kernel/domainname",
                                             "/proc/sys/kernel/modprobe",
                                             "/proc/sys/vm/overcommit_memory",
                                             "/proc/sys/kernel/randomize_va_space",
                                             "/proc/swaps",
                                             "/etc/passwd",
                                             "/etc/ld.so.preload"};

    std::map<std::string, std::string> before_;
    std::set<std::string> mounts_ = mounts();
    std::int64_t offset_ = clock_offset();
};

}  // namespace

std::unique_ptr<Target> machine() {
    return std::make_unique<Machine>();
}

}  // namespace singularity::sandbox::attacks
