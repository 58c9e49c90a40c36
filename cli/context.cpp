#include "cli/context.hpp"

#include <boost/json/serialize.hpp>
#include <iostream>

namespace singularity::cli {

void Context::fail(const core::Error& error) {
    std::cerr << "singularity: " << error.message << '\n';
    for (const std::string& detail : error.details) std::cerr << "  " << detail << '\n';
    exit_code = core::exit_code(error.code);
}

void Context::print_json(const boost::json::value& value) {
    std::cout << boost::json::serialize(value) << '\n';
}

}  // namespace singularity::cli
