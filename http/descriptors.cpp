#include "http/descriptors.hpp"

#include <sys/resource.h>

#include <algorithm>

namespace singularity::http {

namespace {

// Listening, refusing, logs, and what the process has to databases and to the system.
constexpr rlim_t kReserved = 256;

}  // namespace

std::size_t room_for_sockets(std::size_t wanted) {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
    const rlim_t needed = wanted + kReserved;
    if (limit.rlim_cur < needed) {
        const rlimit raised{std::min(needed, limit.rlim_max), limit.rlim_max};
        if (setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
    }
    const rlim_t room = limit.rlim_cur > 2 * kReserved ? limit.rlim_cur - kReserved : limit.rlim_cur / 2;
    return std::max<std::size_t>(1, std::min<std::size_t>(wanted, room));
}

}  // namespace singularity::http
