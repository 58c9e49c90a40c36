// The room that is left on the disk of a home. A full one stops the server: it cannot write its log of
// changes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "cluster/status.hpp"

namespace singularity::cluster {

constexpr std::uintmax_t kLittleRoom = 1U << 30;       // doctor warns
constexpr std::uintmax_t kTooLittleRoom = 256U << 20;  // the backbone is degraded

// Bytes that its user may still write there, or, where the path does not exist yet, in the folder that it
// will be made in. Nothing where that cannot be told.
std::optional<std::uintmax_t> room_at(const std::filesystem::path& path);

// The status with the server degraded if that is too little. The server must be healthy besides: what already
// ails it is told instead.
Status with_room(Status status, std::uintmax_t room);

}  // namespace singularity::cluster
