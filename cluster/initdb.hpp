// Makes the data directory of a private cluster, whole or not at all.
//
// initdb works in pg.new, which is renamed to pg when it is complete: a crash leaves no half cluster,
// and what it leaves in pg.new is removed by the next attempt.
#pragma once

#include <string>
#include <vector>

#include "cluster/binaries.hpp"
#include "cluster/home.hpp"

namespace singularity::cluster {

// Does nothing where the data directory exists. True where it made one. Blocks for seconds.
core::Expected<bool> make_cluster(const Home& home, const Binaries& binaries);

// The command that makes a data directory as this backbone wants it.
std::vector<std::string> initdb_arguments(const Binaries& binaries, const std::filesystem::path& data);

}  // namespace singularity::cluster
