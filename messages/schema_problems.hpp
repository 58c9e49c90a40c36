// What a schema's validator says, in the words of this project: the field's path, and what is needed there.
#pragma once

#include <boost/json/value.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace singularity::messages {

// What valijson reports: a path such as "<root>", "[evidence]", "[3]", and a sentence.
struct RawProblem {
    std::vector<std::string> context;
    std::string description;
};

// "evidence[3].confidence: a number is needed, not string". Empty for what only follows from another problem.
std::string readable_problem(const boost::json::value& schema, const boost::json::value& body,
                             const RawProblem& problem);

}  // namespace singularity::messages
