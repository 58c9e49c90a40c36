#include "cli/job_queries.hpp"

#include <boost/asio.hpp>

namespace singularity::cli {

namespace {

using pgclient::Query;
using pgclient::Task;

constexpr Query kListJobs{
    "job.list",
    "select request_id, state, verdict, language, kind, instance_id || coalesce('/' || "
    "agent_id, '') as whose,"
    " attempts, enqueued_at, finished_at, to_jsonb(j) as all"
    " from api.jobs j where $1::text in ('', state, verdict) and $2::text in ('', agent_id)"
    " order by created_at desc limit $3"};
constexpr Query kFind{
    "job.find",
    "select request_id, state, verdict, language, kind, instance_id || coalesce('/' || agent_id, '') as "
    "whose,"
    " attempts, enqueued_at, finished_at, to_jsonb(j) as all from api.jobs j where request_id = $1::text"};
constexpr Query kRuns{
    "job.runs", "select attempt, state, problem from api.runs where request_id = $1::text order by attempt"};
constexpr Query kLimits{"job.limits_for_next",
                        "select s.limit_name, s.suggested, s.basis, s.samples from api.jobs j"
                        " cross join lateral api.suggested_limits(j.language, j.code_sha256) s"
                        " where j.request_id = $1::text and j.kind = 'run' order by s.limit_name"};
constexpr Query kResult{"job.result", "select api.job_result($1::text) as answer"};

struct Answer {
    std::optional<boost::json::value> answer;
};

}  // namespace

Task<std::vector<JobRow>> list_jobs(pgclient::Connection& genesis, const std::string& state,
                                    const std::string& agent, std::int32_t limit) {
    co_return co_await genesis.rows<JobRow>(kListJobs, state, agent, limit);
}

Task<std::optional<JobRow>> find_job(pgclient::Connection& genesis, const std::string& request_id) {
    co_return co_await genesis.maybe<JobRow>(kFind, request_id);
}

Task<std::vector<RunRow>> runs_of(pgclient::Connection& genesis, const std::string& request_id) {
    co_return co_await genesis.rows<RunRow>(kRuns, request_id);
}

Task<std::vector<SuggestedLimit>> limits_for_next(pgclient::Connection& genesis,
                                                  const std::string& request_id) {
    co_return co_await genesis.rows<SuggestedLimit>(kLimits, request_id);
}

Task<std::optional<boost::json::value>> result_of(pgclient::Connection& genesis,
                                                  const std::string& request_id) {
    co_return (co_await genesis.one<Answer>(kResult, request_id)).answer;
}

}  // namespace singularity::cli
