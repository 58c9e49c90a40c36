#include "services/singularity/learn_store.hpp"

#include <boost/asio.hpp>
#include <boost/json.hpp>

#include "analysis/json.hpp"

namespace singularity::services::instance {

namespace {

using pgclient::Connection;
using pgclient::Query;
using pgclient::Task;

constexpr Query kEnsureLearner{
    "learn.ensure_agent",
    "insert into public.agents as known (instance_id, name, kind, last_seen_at)"
    " values ($1, 'learner', 'analyzer', clock_timestamp())"
    " on conflict (instance_id, name) do update set last_seen_at = excluded.last_seen_at"
    " returning id"};

constexpr Query kAnalyzeCode{
    "learn.analyze_code",
    "insert into public.analysis_results as known (agent_id, repository, path, folder, language, "
    "content_hash,"
    " analyzer_version, result, confidence)"
    " select $1::ulid, $2::text, file ->> 'path', file ->> 'folder', file ->> 'language',"
    "  file ->> 'content_hash', (file ->> 'analyzer_version')::integer, file,"
    "  (select avg((o ->> 'confidence')::double precision) from jsonb_array_elements(file -> 'occurrences') "
    "o)"
    " from unnest($3::jsonb[]) as file"
    " on conflict (repository, path) do update set agent_id = excluded.agent_id, folder = excluded.folder,"
    "  language = excluded.language, content_hash = excluded.content_hash,"
    "  analyzer_version = excluded.analyzer_version, result = excluded.result, confidence = "
    "excluded.confidence,"
    "  analyzed_at = clock_timestamp()"
    " where (known.content_hash, known.analyzer_version)"
    "  is distinct from (excluded.content_hash, excluded.analyzer_version)"};

// A file of the tree and one that was learned by itself have the same repository only where the
// tree's root is the same.
constexpr Query kForgetOthers{
    "learn.forget_others",
    "select public.forget_analysis($1::text, coalesce(array(select path from public.analysis_results"
    " where repository = $1::text and path <> all ($2::text[])), '{}'))"};

constexpr Query kLearn{"learn.learn_patterns",
                       "select analyzed::bigint, patterns_changed::bigint, queued::bigint"
                       " from public.learn_patterns_from_analysis()"};

constexpr Query kOutboxDepth{"learn.outbox_depth", "select count(*) from public.outbox"};

constexpr Query kPatternsOf{
    "learn.patterns_of",
    "select p.name, p.ecosystem, p.confidence, p.occurrences::bigint, p.files::bigint, p.revision::bigint"
    " from public.learned_patterns p"
    " where exists (select from public.pattern_occurrences o join public.analysis_results a on a.id = "
    "o.analysis_id"
    "  where o.pattern_id = p.id and a.repository = $1::text)"
    " order by p.confidence desc, p.name, p.ecosystem"};

constexpr Query kIncarnation{"learn.incarnation", "select incarnation from public.instance"};

constexpr Query kPatternsAtHub{
    "learn.patterns_at_hub",
    "select c.name, c.ecosystem, s.revision::bigint, c.status = 'approved' as approved, c.confidence, "
    "c.reason"
    " from public.pattern_sources s join public.pattern_candidates c on c.id = s.candidate_id"
    " where s.instance_id = $1::text and s.incarnation = $2"};

constexpr Query kRefusedAtHub{
    "learn.refused_at_hub",
    "select coalesce(message ->> 'name', '') as name, coalesce(message ->> 'ecosystem', '') as ecosystem, "
    "reason"
    " from queue.dead_letters"
    " where queue_name = 'pattern_discoveries_published' and message ->> 'instance_id' = $1::text"
    " order by died_at"};

constexpr Query kFingerprint{
    "learn.approved_fingerprint",
    "select count(*)::text || ':' || coalesce(md5(string_agg(md5(p::text), '' order by p.id)), '')"
    " from central.approved_patterns p"};

// What the database stores of a file: its analysis, and with each occurrence what its idiom asks for.
boost::json::value stored(const analysis::FileAnalysis& file) {
    boost::json::value result = analysis::to_json(file);
    boost::json::array& occurrences = result.as_object()["occurrences"].as_array();
    for (std::size_t i = 0; i < occurrences.size(); ++i) {
        occurrences[i].as_object()["best_practices"] =
            boost::json::value_from(analysis::best_practices(file.occurrences[i].idiom));
    }
    return result;
}

}  // namespace

Task<algo::Ulid> ensure_learner(Connection& own, const std::string& instance_id) {
    co_return co_await own.one<algo::Ulid>(kEnsureLearner, instance_id);
}

Task<std::int64_t> analyze_code(Connection& own, const algo::Ulid& agent, const std::string& repository,
                                std::span<const analysis::FileAnalysis> files) {
    std::vector<boost::json::value> results;
    results.reserve(files.size());
    for (const analysis::FileAnalysis& file : files) results.push_back(stored(file));
    co_return static_cast<std::int64_t>(co_await own.exec(kAnalyzeCode, agent, repository, results));
}

Task<std::int64_t> forget_others(Connection& own, const std::string& repository,
                                 const std::vector<std::string>& paths) {
    co_return co_await own.one<std::int64_t>(kForgetOthers, repository, paths);
}

Task<Learned> learn_patterns_now(Connection& own) {
    Learned sum{};
    for (;;) {
        const Learned round = co_await own.within(std::chrono::minutes(2)).one<Learned>(kLearn);
        sum.analyzed += round.analyzed;
        sum.patterns_changed += round.patterns_changed;
        sum.queued += round.queued;
        if (round.analyzed == 0) co_return sum;
    }
}

Task<std::int64_t> outbox_depth(Connection& own) {
    co_return co_await own.one<std::int64_t>(kOutboxDepth);
}

Task<std::vector<LocalPattern>> patterns_of(Connection& own, const std::string& repository) {
    return own.rows<LocalPattern>(kPatternsOf, repository);
}

Task<algo::Ulid> incarnation(Connection& own) {
    co_return co_await own.one<algo::Ulid>(kIncarnation);
}

Task<std::vector<HubPattern>> patterns_at_hub(Connection& hub, const std::string& instance_id,
                                              const algo::Ulid& incarnation) {
    return hub.rows<HubPattern>(kPatternsAtHub, instance_id, incarnation);
}

Task<std::vector<DeadPattern>> refused_at_hub(Connection& bus, const std::string& instance_id) {
    return bus.rows<DeadPattern>(kRefusedAtHub, instance_id);
}

Task<std::string> approved_fingerprint(Connection& database) {
    co_return co_await database.one<std::string>(kFingerprint);
}

}  // namespace singularity::services::instance
