// The bytes of the box's process 1 (sandbox/init), part of this program.
#pragma once

#include <string_view>

namespace singularity::sandbox {

std::string_view init_image();

}  // namespace singularity::sandbox
