// Makes a home and the folder of its sockets, with the right owner and modes, and removes the latter.
//
// As root this comes in two halves: the outer folders are made as root and given to the cluster's
// account; everything inside is made after the process has become that account, so that root never
// writes below a folder that somebody else controls.
#pragma once

#include <sys/types.h>

#include "cluster/account.hpp"
#include "cluster/home.hpp"

namespace singularity::cluster {

// What make_home would refuse, with the remedy in `details`; makes nothing.
core::Expected<void> check_home(const Home& home, const Account& account);

// The home itself and the folder that holds the one of the sockets. Refused, with nothing made, where the
// account cannot enter a folder above the home, where the home is somebody else's, or holds files that no
// home has.
core::Expected<void> make_home(const Home& home, const std::filesystem::path& sockets,
                               const Account& account);

// The folders inside and the operator's own files; called as the account. Tightens the modes of keys
// where they were loosened.
core::Expected<void> make_folders(const Home& home);

// How far the folder of the sockets is open; asked before the process becomes the account.
mode_t sockets_mode();

// The folder of the sockets, remembered in the home. Both are for the account that holds the home's lock;
// remove_sockets() leaves a folder in which a server's socket is.
core::Expected<void> make_sockets(const Home& home, const std::filesystem::path& sockets,
                                  const Account& account, mode_t mode);
void remove_sockets(const Home& home, const std::filesystem::path& sockets);

}  // namespace singularity::cluster
