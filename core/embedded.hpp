// A text file that is part of the binary: SQL migrations and JSON Schemas (cmake/Embed.cmake).
#pragma once

#include <string_view>

namespace singularity::core {

struct EmbeddedFile {
    std::string_view path;  // relative to the folder that was embedded
    std::string_view text;
};

}  // namespace singularity::core
