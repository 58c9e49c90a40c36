#include "cli/pattern_queries.hpp"

namespace singularity::cli {

namespace {

using pgclient::Connection;
using pgclient::Query;
using pgclient::Task;

constexpr Query kListPatterns{
    "patterns.list",
    "select name, ecosystem, true as approved, confidence, files::bigint, description"
    " from central.approved_patterns"
    " union all"
    " select l.name, l.ecosystem, false, l.confidence, l.files::bigint, l.description"
    " from public.learned_patterns l"
    " where $1::boolean and l.occurrences > 0 and not exists (select from central.approved_patterns a"
    "  where a.name = l.name and a.ecosystem = l.ecosystem)"
    " order by confidence desc, name, ecosystem"};

constexpr Query kFind{
    "patterns.find",
    "select name, ecosystem, true as approved, confidence, files::bigint, frequency::bigint as occurrences,"
    "  description, shape, coalesce(best_practices, '{}') as best_practices,"
    "  coalesce(evidence, '[]') as evidence, coalesce(examples -> 0, '{}') as example"
    " from central.approved_patterns where name = $1::text or right(name, length($1::text)) = $1::text"
    " union all"
    " select l.name, l.ecosystem, false, l.confidence, l.files::bigint, l.occurrences::bigint, "
    "l.description, l.shape,"
    "  l.best_practices, l.evidence, l.example"
    " from public.learned_patterns l"
    " where (l.name = $1::text or right(l.name, length($1::text)) = $1::text)"
    "  and not exists (select from central.approved_patterns a where a.name = l.name and a.ecosystem = "
    "l.ecosystem)"
    " order by name, ecosystem"};

constexpr Query kSearch{"patterns.search",
                        "select name, ecosystem, true as approved, confidence, files::bigint, description"
                        " from api.search_patterns($1::text)"};

}  // namespace

Task<std::vector<PatternLine>> list_patterns(Connection& database, bool all) {
    return database.rows<PatternLine>(kListPatterns, all);
}

Task<std::vector<PatternDetail>> find_patterns(Connection& database, const std::string& name) {
    return database.rows<PatternDetail>(kFind, name);
}

Task<std::vector<PatternLine>> search_patterns(Connection& database, const std::string& words) {
    return database.rows<PatternLine>(kSearch, words);
}

}  // namespace singularity::cli
