#include "core/job_bounds.hpp"

#include <algorithm>
#include <fstream>
#include <string>
#include <thread>

namespace singularity::core {

namespace {

constexpr std::int64_t kLeastMemory = 512;

std::int64_t memory_mb() {
    std::ifstream info("/proc/meminfo");
    std::string name;
    std::int64_t kilobytes = 0;
    while (info >> name >> kilobytes) {
        if (name == "MemTotal:") return kilobytes / 1024;
        info.ignore(256, '\n');
    }
    return 2048;
}

}  // namespace

Machine this_machine() {
    return {std::max<std::int64_t>(1, std::thread::hardware_concurrency()), memory_mb()};
}

JobBounds job_bounds(const Config& config, const Machine& machine) {
    JobBounds bounds{config.genesis_max_boxes, config.genesis_max_memory_mb, config.genesis_jobs_per_agent};
    if (bounds.boxes == 0) bounds.boxes = 2 * machine.cores;
    if (bounds.memory_mb == 0) bounds.memory_mb = std::max(kLeastMemory, machine.memory_mb / 2);
    if (bounds.per_agent == 0) bounds.per_agent = std::max<std::int64_t>(1, bounds.boxes - 1);
    return bounds;
}

}  // namespace singularity::core
