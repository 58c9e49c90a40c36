// How many sockets this process may have open.
#pragma once

#include <cstddef>

namespace singularity::http {

// Raises the process's soft limit on open files as far as it takes and the hard limit lets it, and returns
// how many sockets fit below it when enough descriptors are left for everything else. At least one.
std::size_t room_for_sockets(std::size_t wanted);

}  // namespace singularity::http
