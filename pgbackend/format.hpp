// std::format, compiled once. Each file that calls the standard's own compiles the whole of its engine.
#pragma once

#include "pgbackend/postgres.hpp"

namespace singularity::pgbackend {

// As std::vformat.
std::string vformat(std::string_view form, const std::format_args& arguments);

// As std::format: the form is checked at compile time.
template <class... Arguments>
std::string format(std::format_string<Arguments...> form, Arguments&&... arguments) {
    return pgbackend::vformat(form.get(), std::make_format_args(arguments...));
}

}  // namespace singularity::pgbackend
