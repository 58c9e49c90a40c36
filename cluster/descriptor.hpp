// A file descriptor with an owner, under the name that this folder's sources use.
#pragma once

#include "core/descriptor.hpp"

namespace singularity::cluster {

using core::Descriptor;

}  // namespace singularity::cluster
