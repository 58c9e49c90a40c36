#include "cli/context.hpp"

#include <boost/json/serialize.hpp>
#include <iostream>

namespace singularity::cli {

void Context::fail(const core::Error& error) {
    std::cerr << "singularity: " << error.message << '\n';
    for (const std::string& detail : error.details) {
        if (!error.message.ends_with(detail)) std::cerr << "  " << detail << '\n';  // not said yet
    }
    exit_code = core::exit_code(error.code);
}

void Context::print_json(const boost::json::value& value) {
    std::cout << boost::json::serialize(value) << '\n';
}

}  // namespace singularity::cli
