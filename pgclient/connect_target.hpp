// Where a DSN points, in the form that libpq connects to without looking anything up: libpq resolves host
// names by blocking, so they are resolved here first, off the executor's thread.
#pragma once

#include "pgclient/query.hpp"

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace singularity::pgclient {

// libpq's connection keywords. hostaddr holds an address for each entry of host that is a name.
using ConnectTarget = std::map<std::string, std::string>;

// Throws DbError (08001) for a DSN that libpq can't parse; its message names what is wrong.
ConnectTarget parse_dsn(std::string_view dsn);

struct Host {
    std::string name;  // a name, an address, or the folder of a socket
    std::string port;  // may be empty: the default
};

// The hosts that a target lists, each with its port. Throws DbError (08001) if their numbers differ.
std::vector<Host> listed_hosts(const ConnectTarget& target);

bool needs_lookup(std::string_view host);

// Replaces names by their addresses, in the order the resolver gives them; a target without names is
// returned as it is. Throws DbError: 08001 if no name could be resolved or `limit` passed.
Task<ConnectTarget> resolve_hosts(ConnectTarget target, std::chrono::milliseconds limit);

}  // namespace singularity::pgclient
