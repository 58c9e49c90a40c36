// Who may enter a private cluster: pg_hba.conf and pg_ident.conf, written at every `up`.
//
// Local sockets only. The operator (the operating system's user that owns the cluster, and root) is
// the superuser by peer; the services' roles log in by SCRAM; nobody else gets in, save by the
// operator's own operator_hba.conf and operator_ident.conf in the home, read after ours.
#pragma once

#include <string>

#include "cluster/home.hpp"

namespace singularity::cluster {

std::string hba_text();

// `owner`: the operating system's user that the server runs as.
std::string ident_text(const std::string& owner);

core::Expected<void> write_access(const Home& home, const std::string& owner);

}  // namespace singularity::cluster
