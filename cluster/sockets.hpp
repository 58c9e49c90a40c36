// Which folder holds the cluster's Unix sockets: PostgreSQL's and the supervisor's.
//
// A socket's whole path has at most 107 bytes (sockaddr_un), so the folder is short: as root
// /run/singularity/HASH, otherwise $XDG_RUNTIME_DIR/singularity/HASH, otherwise the home itself. A
// runtime folder that the login manager removes at logout comes last. The folder that `up` chose is
// remembered as the symlink state/sockets, so that another login session finds it.
#pragma once

#include <filesystem>
#include <optional>

#include "cluster/home.hpp"

namespace singularity::cluster {

inline constexpr int kPort = 5432;  // only part of the socket's name: there is no TCP

struct SocketWishes {
    bool root = false;
    std::optional<std::filesystem::path> runtime_folder = {};  // $XDG_RUNTIME_DIR
    bool vanishes_at_logout = false;                           // the runtime folder does
};

SocketWishes socket_wishes();

// Pure. Refused where every candidate is too long, with what to do about it.
core::Expected<std::filesystem::path> choose_sockets(const Home& home, const SocketWishes& wishes);

// What `up` recorded in the home, otherwise what it would choose.
core::Expected<std::filesystem::path> sockets_of(const Home& home);

std::filesystem::path server_socket(const std::filesystem::path& folder);
std::filesystem::path notify_socket(const std::filesystem::path& folder);

}  // namespace singularity::cluster
