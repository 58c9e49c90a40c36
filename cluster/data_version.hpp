// The major version that a data directory was made by, which never changes under it.
#pragma once

#include <optional>
#include <string>

#include "cluster/binaries.hpp"
#include "cluster/home.hpp"

namespace singularity::cluster {

// "17", none where there is no data directory.
std::optional<std::string> data_version(const std::filesystem::path& data);

// Refused where the data directory is of another major version, with the steps of pg_upgrade.
core::Expected<void> check_data_version(const Home& home, const Binaries& binaries);

}  // namespace singularity::cluster
