#include "cluster/sockets.hpp"

#include <sys/un.h>
#include <unistd.h>

#include <vector>

#include "cluster/account.hpp"
#include "core/config.hpp"
#include "core/format.hpp"

namespace singularity::cluster {

namespace {

constexpr std::size_t kMaxSocketPath = sizeof(sockaddr_un::sun_path) - 1;

std::vector<std::filesystem::path> candidates(const Home& home, const SocketWishes& wishes) {
    const std::filesystem::path below = std::filesystem::path("singularity") / home.hash();
    if (wishes.root) return {"/run" / below};
    if (!wishes.runtime_folder) return {home.root()};
    const std::filesystem::path runtime = *wishes.runtime_folder / below;
    if (wishes.vanishes_at_logout) return {home.root(), runtime};
    return {runtime, home.root()};
}

// logind's folder goes with the last session of a user who does not linger.
bool vanishes_at_logout(const std::filesystem::path& runtime_folder) {
    if (!runtime_folder.native().starts_with("/run/user/")) return false;
    const auto self = account_of(::geteuid());
    std::error_code ignored;
    return !self || !std::filesystem::exists("/var/lib/systemd/linger/" + self->name, ignored);
}

}  // namespace

SocketWishes socket_wishes() {
    SocketWishes wishes{.root = ::geteuid() == 0, .runtime_folder = {}, .vanishes_at_logout = false};
    const auto folder = core::environment_variable("XDG_RUNTIME_DIR");
    std::error_code ignored;
    if (!wishes.root && folder && std::filesystem::is_directory(*folder, ignored) &&
        ::access(folder->c_str(), W_OK | X_OK) == 0) {
        wishes.runtime_folder = *folder;
        wishes.vanishes_at_logout = vanishes_at_logout(*folder);
    }
    return wishes;
}

core::Expected<std::filesystem::path> choose_sockets(const Home& home, const SocketWishes& wishes) {
    const auto folders = candidates(home, wishes);
    for (const auto& folder : folders) {
        if (server_socket(folder).native().size() <= kMaxSocketPath) return folder;
    }
    const std::string wanted = server_socket(folders.front()).native();
    return core::failure(
        core::ErrorCode::refused,
        core::format("the socket path {} has {} bytes, at most {} are possible", wanted, wanted.size(),
                     kMaxSocketPath),
        {core::format("choose a home of at most {} bytes with --home, or set XDG_RUNTIME_DIR "
                      "to a short folder of yours",
                      kMaxSocketPath - server_socket("").native().size() - 1)});
}

core::Expected<std::filesystem::path> sockets_of(const Home& home) {
    std::error_code none;
    auto recorded = std::filesystem::read_symlink(home.sockets_link(), none);
    if (!none) return recorded;
    return choose_sockets(home, socket_wishes());
}

std::filesystem::path server_socket(const std::filesystem::path& folder) {
    return folder / core::format(".s.PGSQL.{}", kPort);
}

std::filesystem::path notify_socket(const std::filesystem::path& folder) {
    return folder / "notify";
}

}  // namespace singularity::cluster
