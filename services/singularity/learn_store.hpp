// What learning asks of the databases: the instance's own, and the hub's to see how far a pattern got.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "algo/ulid.hpp"
#include "analysis/analyze.hpp"
#include "pgclient/connection.hpp"

namespace singularity::services::instance {

// Makes the agent that learns, or finds it.
pgclient::Task<algo::Ulid> ensure_learner(pgclient::Connection& own, const std::string& instance_id);

// analyze_code: inserts analysis_results, one row a file; an unchanged file changes nothing. Returns
// how many were new or had changed.
pgclient::Task<std::int64_t> analyze_code(pgclient::Connection& own, const algo::Ulid& agent,
                                          const std::string& repository,
                                          std::span<const analysis::FileAnalysis> files);

// Forgets the repository's files that are not among `paths`. Returns how many.
pgclient::Task<std::int64_t> forget_others(pgclient::Connection& own, const std::string& repository,
                                           const std::vector<std::string>& paths);

struct Learned {
    std::int64_t analyzed, patterns_changed, queued;
};
// learn_patterns_from_analysis(), until nothing is left to learn.
pgclient::Task<Learned> learn_patterns_now(pgclient::Connection& own);

// Messages that wait in the instance's local queues.
pgclient::Task<std::int64_t> outbox_depth(pgclient::Connection& own);

struct LocalPattern {
    std::string name, ecosystem;
    double confidence;
    std::int64_t occurrences, files, revision;
};
// The patterns of which the repository has evidence, most confident first.
pgclient::Task<std::vector<LocalPattern>> patterns_of(pgclient::Connection& own,
                                                      const std::string& repository);

struct HubPattern {
    std::string name, ecosystem;
    std::int64_t revision;  // of this instance's evidence that the hub has seen
    bool approved;
    double confidence;
    std::optional<std::string> reason;  // why it is not approved
};
pgclient::Task<std::vector<HubPattern>> patterns_at_hub(pgclient::Connection& hub,
                                                        const std::string& instance_id,
                                                        const algo::Ulid& incarnation);

// Which of the instance's databases this is: the hub keeps revisions of different ones apart.
pgclient::Task<algo::Ulid> incarnation(pgclient::Connection& own);

struct DeadPattern {
    std::string name, ecosystem, reason;
};
// Messages of this instance that the hub refused.
pgclient::Task<std::vector<DeadPattern>> refused_at_hub(pgclient::Connection& bus,
                                                        const std::string& instance_id);

// Equal on both sides when the replica holds exactly what the hub approved.
pgclient::Task<std::string> approved_fingerprint(pgclient::Connection& database);

}  // namespace singularity::services::instance
