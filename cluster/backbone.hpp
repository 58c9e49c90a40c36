// A home that this process works on: everything that must be settled before anything is started.
#pragma once

#include <vector>

#include "cluster/account.hpp"
#include "cluster/binaries.hpp"
#include "cluster/extension_files.hpp"
#include "cluster/home.hpp"
#include "cluster/home_lock.hpp"
#include "core/config.hpp"

namespace singularity::cluster {

struct Backbone {
    Home home;
    Account account;
    Binaries binaries;
    std::filesystem::path sockets;
    std::vector<ExtensionFile> extensions;
    HomeLock lock;
};

// Finds the programs, makes the home, becomes its account for good (root becomes postgres) and locks
// it. Every refusal that depends on the machine or the home comes from here, before anything runs.
core::Expected<Backbone> claim_home(const core::Config& config);

// Closes every file that whoever started this program left open beside the standard three: a backbone
// that stays must not hold a caller's pipe.
void close_inherited_files();

// Becomes the account that owns an existing home. Refused for those who are neither that nor root.
core::Expected<Account> become_owner(const Home& home);

}  // namespace singularity::cluster
