// Makes a home and the folder of its sockets, with the right owner and modes.
//
// As root this comes in two halves: the outer folders are made as root and given to the cluster's
// account; everything inside is made after the process has become that account, so that root never
// writes below a folder that somebody else controls.
#pragma once

#include "cluster/account.hpp"
#include "cluster/home.hpp"

namespace singularity::cluster {

// The home itself and the socket folder. Refused, with nothing made, where the account cannot enter a
// folder above the home, where the home is somebody else's, or holds files that no home has.
core::Expected<void> make_home(const Home& home, const std::filesystem::path& sockets,
                               const Account& account);

// The folders inside and the operator's own files; called as the account. Tightens the modes of keys
// where they were loosened.
core::Expected<void> make_folders(const Home& home);

// Remembers the socket folder in use; called by who holds the home's lock.
core::Expected<void> record_sockets(const Home& home, const std::filesystem::path& sockets);

}  // namespace singularity::cluster
