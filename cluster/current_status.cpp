#include "cluster/current_status.hpp"

#include <unistd.h>

#include <cerrno>

#include "cluster/disk.hpp"
#include "cluster/home_lock.hpp"
#include "core/format.hpp"

namespace singularity::cluster {

core::Expected<void> check_may_look(const Home& home) {
    if (::access(home.status().c_str(), R_OK) == 0 || errno != EACCES) return {};
    return core::failure(core::ErrorCode::refused,
                         core::format("you may not look into {}", home.root().string()),
                         {"run this as the user that owns it, or as root"});
}

core::Expected<Status> current_status(const Home& home) {
    if (auto allowed = check_may_look(home); !allowed) return std::unexpected(std::move(allowed.error()));
    const auto holder = lock_holder(home);
    if (!holder) return stopped_status(home);
    if (auto status = read_status(home); status && status->supervisor_pid == *holder) {
        const auto room = room_at(home.data());
        return room ? with_room(std::move(*status), *room) : *status;
    }
    Status changing = stopped_status(home);
    changing.state = "changing";  // somebody holds the lock who has not written yet, or cleans up
    changing.supervisor_pid = *holder;
    return changing;
}

}  // namespace singularity::cluster
