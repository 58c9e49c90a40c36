#include "cli/job_insights.hpp"

#include <boost/asio.hpp>
#include <boost/json.hpp>
#include <fstream>
#include <iostream>
#include <iterator>

#include "cli/connect.hpp"
#include "cli/plain_text.hpp"
#include "cli/run_on_database.hpp"
#include "cli/whole_number.hpp"
#include "core/clock.hpp"
#include "core/format.hpp"
#include "services/genesis/job_identity.hpp"
#include "services/genesis/languages/table.hpp"

namespace singularity::cli {

namespace {

using boost::asio::awaitable;

struct InsightOptions {
    bool all = false;
    std::string kind, language;
    std::int32_t limit = 50;
    std::string limits_of;  // a language
    std::string code;       // a file, or - for standard input
};

struct InsightLine {
    std::string kind, summary;
    pgclient::Timestamp last_seen_at;
    boost::json::value all;  // every column
};

// What is published and was not looked at yet is looked at now, as the schedule would within a minute.
constexpr pgclient::Query kRefresh{"job_insights.refresh", "select public.refresh_insights()"};

// What holds, and what became worse within a day. What is never reached and what things cost is told last.
constexpr pgclient::Query kListInsights{
    "job_insights.list",
    "select kind, summary, last_seen_at, to_jsonb(i) as all from api.insights i"
    " where ($1::boolean or ended_at is null or (window_start is not null"
    "   and last_seen_at > clock_timestamp() - interval '1 day'))"
    "  and ($2::text = '' or kind = $2::text) and ($3::text = '' or language = $3::text)"
    " order by kind in ('limit_never_reached', 'verdict_cost'), last_seen_at desc, kind, effect desc, id "
    "limit $4::integer"};

constexpr pgclient::Query kSuggested{
    "job_insights.suggested",
    "select limit_name, suggested, basis, samples, reason, to_jsonb(s) as all"
    " from public.suggested_limits($1::text, nullif($2::text, '')) s"};

struct SuggestedLine {
    std::string limit_name;
    std::int32_t suggested;
    std::string basis;
    std::int64_t samples;
    std::string reason;
    boost::json::value all;
};

template <class Line>
void print_json_of(Context& context, const std::vector<Line>& lines) {
    boost::json::array rows;
    for (const Line& line : lines) rows.push_back(line.all);
    context.print_json(rows);
}

std::string own_name(const std::string& language) {
    using namespace services::genesis;
    return all_languages(runtimes_folder()).own_name(language);
}

awaitable<void> list(Context& context, const InsightOptions& options) {
    const auto genesis = co_await connect(context.config, "genesis");
    co_await genesis->within(std::chrono::minutes(5)).exec(kRefresh);
    const auto lines = co_await genesis->rows<InsightLine>(kListInsights, options.all, options.kind,
                                                           own_name(options.language), options.limit);
    if (context.json) co_return print_json_of(context, lines);
    for (const InsightLine& line : lines) {
        std::cout << core::format("{}  {:<24} {}\n", core::rfc3339(line.last_seen_at), line.kind,
                                  plain_text(line.summary));
    }
}

std::optional<std::string> hash_of_code(Context& context, const InsightOptions& options) {
    if (options.code.empty()) return std::string();
    std::ifstream file;
    if (options.code != "-") file.open(options.code, std::ios::binary);
    std::istream& source = options.code == "-" ? std::cin : file;
    const std::string code{std::istreambuf_iterator<char>(source), {}};
    if (!source && !source.eof()) {
        context.fail({core::ErrorCode::not_found, core::format("\"{}\" cannot be read", options.code), {}});
        return std::nullopt;
    }
    messages::JobRequest request;
    request.language = own_name(options.limits_of);
    request.code = code;
    return services::genesis::identity_of(request).code_sha256;
}

awaitable<void> limits(Context& context, const InsightOptions& options) {
    const auto hash = hash_of_code(context, options);
    if (!hash) co_return;
    const auto genesis = co_await connect(context.config, "genesis");
    const auto lines = co_await genesis->rows<SuggestedLine>(kSuggested, own_name(options.limits_of), *hash);
    if (context.json) co_return print_json_of(context, lines);
    if (lines.empty()) std::cout << "nothing is known of such runs yet\n";
    for (const SuggestedLine& line : lines) {
        std::cout << core::format("{:<10} {:>8}  {} runs of this {}: {}\n", line.limit_name, line.suggested,
                                  line.samples, line.basis, line.reason);
    }
}

}  // namespace

void add_job_insights(CLI::App& job, Context& context) {
    const auto options = std::make_shared<InsightOptions>();
    auto* insights =
        job.add_subcommand("insights", "What was learned from runs: what became worse, what is flaky");
    insights->add_flag("--all", options->all, "Also what is no longer so");
    insights->add_option("--kind", options->kind, "latency_regression, flaky_job and so on")
        ->check(CLI::IsMember({"latency_regression", "success_rate_regression", "limit_always_reached",
                               "limit_never_reached", "flaky_job", "verdict_cost"}));
    insights->add_option("--language", options->language, "Of one language");
    insights->add_option("--limit", options->limit, "At most so many")->check(whole_number(1));
    auto* suggested = insights->add_option("--limits", options->limits_of,
                                           "Instead: limits for the next run in this language");
    insights->add_option("--code", options->code, "With --limits: for this program, a file or - to read it")
        ->needs(suggested);
    insights->callback([&context, options] {
        run_on_database(context, [&context, options] {
            return options->limits_of.empty() ? list(context, *options) : limits(context, *options);
        });
    });
}

}  // namespace singularity::cli
