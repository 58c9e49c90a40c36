// What the commands of `singularity job` ask of database genesis.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pgclient/connection.hpp"

namespace singularity::cli {

struct JobRow {
    std::string request_id;
    std::string state;  // queued, running, done, cancelled
    std::optional<std::string> verdict;
    std::string language, kind, whose;
    std::int32_t attempts = 0;
    pgclient::Timestamp enqueued_at;
    std::optional<pgclient::Timestamp> finished_at;
    boost::json::value all;  // every column
};

struct RunRow {
    std::int32_t attempt = 0;
    std::string state;
    std::optional<std::string> problem;
};

// The newest first; `state` empty is any.
pgclient::Task<std::vector<JobRow>> list_jobs(pgclient::Connection& genesis, const std::string& state,
                                              const std::string& agent, std::int32_t limit);
pgclient::Task<std::optional<JobRow>> find_job(pgclient::Connection& genesis, const std::string& request_id);
pgclient::Task<std::vector<RunRow>> runs_of(pgclient::Connection& genesis, const std::string& request_id);
// The whole answer; none while there is none, or when it is no longer kept.
pgclient::Task<std::optional<boost::json::value>> result_of(pgclient::Connection& genesis,
                                                            const std::string& request_id);

}  // namespace singularity::cli
