#include "pgbackend/format.hpp"

namespace singularity::pgbackend {

std::string vformat(std::string_view form, const std::format_args& arguments) {
    return std::vformat(form, arguments);
}

}  // namespace singularity::pgbackend
