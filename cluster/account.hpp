// The operating system's user that a cluster belongs to, and how a process becomes it.
//
// PostgreSQL refuses to run as root. Whoever is root hands the cluster, the supervisor and the
// services to user postgres; everybody else runs them under their own name.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "core/error.hpp"

namespace singularity::cluster {

struct Account {
    uid_t uid = 0;
    gid_t gid = 0;
    std::string name, home;
};

std::optional<Account> account_of(uid_t uid);
std::optional<Account> account_named(const std::string& name);

// Who a cluster that this process makes belongs to: postgres for root, else the caller.
core::Expected<Account> cluster_account();

// Becomes the account for good: groups, ids, HOME, USER, LOGNAME; the working folder becomes "/".
// Nothing but that where the process is the account already.
core::Expected<void> become(const Account& account);

// While it lives, the process has the account's rights. Does nothing unless the process is root.
class ActingAs {
public:
    explicit ActingAs(const Account& account);
    ~ActingAs();
    ActingAs(const ActingAs&) = delete;
    ActingAs& operator=(const ActingAs&) = delete;

private:
    bool switched_ = false;
    gid_t group_ = 0;
    std::vector<gid_t> groups_;
};

}  // namespace singularity::cluster
