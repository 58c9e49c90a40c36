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

struct SuggestedLimit {
    std::string limit_name;  // a field of messages::JobLimits
    std::int32_t suggested = 0;
    std::string basis;  // code or language: whose runs it is taken from
    std::int64_t samples = 0;
};

// The newest first; `state` empty is any.
pgclient::Task<std::vector<JobRow>> list_jobs(pgclient::Connection& genesis, const std::string& state,
                                              const std::string& agent, std::int32_t limit);
pgclient::Task<std::optional<JobRow>> find_job(pgclient::Connection& genesis, const std::string& request_id);
pgclient::Task<std::vector<RunRow>> runs_of(pgclient::Connection& genesis, const std::string& request_id);
// For the next run of the same code; none where nothing is known, or where nothing was to be run.
pgclient::Task<std::vector<SuggestedLimit>> limits_for_next(pgclient::Connection& genesis,
                                                            const std::string& request_id);
// The whole answer; none while there is none, or when it is no longer kept.
pgclient::Task<std::optional<boost::json::value>> result_of(pgclient::Connection& genesis,
                                                            const std::string& request_id);

}  // namespace singularity::cli
