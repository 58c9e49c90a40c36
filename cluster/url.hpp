// libpq URLs of a backbone's databases, made from the configuration and the home alone: no server is asked.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cluster/home.hpp"
#include "core/config.hpp"

namespace singularity::cluster {

// Where `database` is ("shared_queue", "singularity", "centralcloud", "genesis", "nexus", or "admin",
// the operator on the maintenance database) for whoever owns it, or for `role`. A database that the
// configuration puts elsewhere has the URL it gives. not_found, with the names there are, for another name.
core::Expected<std::string> database_url(const core::Config& config, std::string_view database,
                                         std::string_view role = {});

// The names that database_url() knows.
std::vector<std::string> database_names();

// The operator of a cluster with this socket folder: peer, no password.
std::string admin_url(const std::filesystem::path& sockets);

// A role that logs in with its line of the home's passfile.
std::string role_url(const Home& home, const std::filesystem::path& sockets, std::string_view database,
                     std::string_view role);

}  // namespace singularity::cluster
