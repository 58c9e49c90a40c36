// What the patterns command asks of an instance's database: its replica of approved patterns, and what
// it learned itself and is not approved.
#pragma once

#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pgclient/connection.hpp"

namespace singularity::cli {

struct PatternLine {
    std::string name, ecosystem;
    bool approved;
    double confidence;
    std::optional<std::int64_t> files;
    std::optional<std::string> description;
};

struct PatternDetail {
    std::string name, ecosystem;
    bool approved;
    double confidence;
    std::optional<std::int64_t> files, occurrences;
    std::optional<std::string> description, shape;
    std::vector<std::string> best_practices;
    boost::json::value
        evidence;                // array of {repository, path, function, start_line, end_line, confidence, …}
    boost::json::value example;  // {code, repository, path, function, start_line, end_line}; may be empty
};

// Most confident first; `all` adds the instance's own patterns that are not approved.
pgclient::Task<std::vector<PatternLine>> list_patterns(pgclient::Connection& database, bool all);

// By whole name, or by its end (the six digits are enough where one pattern alone has them).
pgclient::Task<std::vector<PatternDetail>> find_patterns(pgclient::Connection& database,
                                                         const std::string& name);

// Approved patterns by full text, best match first.
pgclient::Task<std::vector<PatternLine>> search_patterns(pgclient::Connection& database,
                                                         const std::string& words);

}  // namespace singularity::cli
