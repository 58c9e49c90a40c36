#include "sandbox/limits_check.hpp"

#include <cstdint>

#include "core/format.hpp"

namespace singularity::sandbox {

namespace {

struct Bounds {
    const char* name;
    std::int64_t value, least, most;
};

template <std::size_t count>
std::optional<std::string> first_outside(const Bounds (&bounds)[count]) {
    for (const Bounds& each : bounds) {
        if (each.value >= each.least && each.value <= each.most) continue;
        return core::format("{} is {}, and can be {} to {}", each.name, each.value, each.least, each.most);
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string> refuse_limits(const Limits& limits) {
    const Limits &least = kMinimum, &most = kMaximum;
    return first_outside({
        {"cpu (ms)", limits.cpu.count(), least.cpu.count(), most.cpu.count()},
        {"wall (ms)", limits.wall.count(), least.wall.count(), most.wall.count()},
        {"memory_bytes", limits.memory_bytes, least.memory_bytes, most.memory_bytes},
        {"processes", limits.processes, least.processes, most.processes},
        {"output_bytes", limits.output_bytes, least.output_bytes, most.output_bytes},
        {"file_bytes", limits.file_bytes, least.file_bytes, most.file_bytes},
        {"open_files", limits.open_files, least.open_files, most.open_files},
    });
}

std::optional<std::string> refuse_limits(const WorkspaceLimits& limits) {
    return first_outside({
        {"bytes", limits.bytes, kMinimumWorkspace.bytes, kMaximumWorkspace.bytes},
        {"files", limits.files, kMinimumWorkspace.files, kMaximumWorkspace.files},
    });
}

}  // namespace singularity::sandbox
