// Bombs of processes, memory and time. Each has a bound that the box's limits lie below.
#include <csignal>

#include "sandbox/test/attacks/attack.hpp"

namespace singularity::sandbox::attacks {

namespace {

using namespace std::chrono_literals;

// Small enough that the bombs are over soon.
constexpr Limits kSmall{.cpu = 300ms, .wall = 5s, .memory_bytes = 64 * kMiB, .processes = 32};
// A slow machine needs a second of processor time to fill the memory.
constexpr Limits kPatient{.cpu = 10s, .wall = 30s, .memory_bytes = 64 * kMiB, .processes = 32};
constexpr Limits kShort{.cpu = 5s, .wall = 300ms};

Attack eats_memory(const char* name, const char* line, Ground ground = Ground::plain) {
    return ended(name, {.line = line, .ground = ground, .limits = kPatient}, Cause::memory_limit,
                 "memory cgroup");
}

}  // namespace

std::vector<Attack> bomb_attacks() {
    const std::string time = "launcher, kill of the cgroup";
    auto attacks = std::vector<Attack>{
        refused("forks_without_end", {.line = "fork_bomb 300", .limits = kSmall}, "EAGAIN", "pids cgroup"),
        refused("starts_threads_without_end", {.line = "thread_bomb 300", .limits = kSmall}, "EAGAIN",
                "pids cgroup"),
        refused("leaves_zombies", {.line = "zombie_bomb 300", .limits = kSmall}, "EAGAIN", "pids cgroup"),
        refused("makes_timers_without_end",
                {.line = "timer_bomb 200000", .bare = "timer_bomb 2000", .limits = kPatient}, "EAGAIN|ENOMEM",
                "rlimits, memory cgroup"),
        eats_memory("takes_memory", "memory_bomb 256"),
        eats_memory("takes_shared_memory", "shared_memory_bomb 256"),
        eats_memory("takes_memory_in_many_children", "memory_of_children 16 16"),
        eats_memory("takes_memory_that_no_process_has", "system_v_memory_bomb 256", Ground::apart),
        ended("takes_processor_time", {.line = "burn 1000 1", .limits = kSmall}, Cause::cpu_limit,
              "launcher, rlimits"),
        ended("takes_processor_time_in_many_children", {.line = "burn 200 8", .limits = kSmall},
              Cause::cpu_limit, "launcher"),
        ended("sleeps_and_hears_nothing", {.line = "sleep_past 600", .limits = kShort}, Cause::wall_limit,
              time),
        ended("stops_itself", {.line = "stop_oneself 600", .limits = kShort}, Cause::wall_limit, time),
    };
    for (Attack& each : slowly({
             signalled("fills_files_without_names", {.line = "anonymous_file_bomb 256", .limits = kSmall},
                       SIGXFSZ, "rlimits, memory cgroup"),
             refused("fills_sockets", {.line = "socket_buffer_bomb 64", .limits = kSmall}, "EMFILE",
                     "rlimits, memory cgroup"),
         }))
        attacks.push_back(std::move(each));
    return in_category("bombs", std::move(attacks));
}

}  // namespace singularity::sandbox::attacks
