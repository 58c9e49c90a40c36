#include "cluster/disk.hpp"

#include <algorithm>

#include "core/format.hpp"

namespace singularity::cluster {

namespace fs = std::filesystem;

std::optional<std::uintmax_t> room_at(const fs::path& path) {
    fs::path existing = path;
    std::error_code error;
    while (!fs::exists(existing, error) && existing.has_relative_path()) existing = existing.parent_path();
    const auto space = fs::space(existing, error);
    if (error) return std::nullopt;
    return space.available;
}

Status with_room(Status status, std::uintmax_t room) {
    if (room >= kTooLittleRoom) return status;
    const auto server = std::ranges::find(status.services, "postgresql", &PartStatus::name);
    if (server == status.services.end() || server->state != "healthy") return status;
    server->state = "degraded";
    server->detail =
        core::format("{} MB free for {}: a full disk stops the server", room >> 20, status.data_directory);
    if (status.state == "healthy") status.state = "degraded";
    return status;
}

}  // namespace singularity::cluster
