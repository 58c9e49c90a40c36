#include "services/singularity/learner.hpp"

#include <boost/asio.hpp>
#include <format>
#include <map>

#include "cluster/url.hpp"
#include "messages/request_id.hpp"
#include "pgclient/error.hpp"
#include "services/singularity/analysed_tree.hpp"
#include "services/singularity/centralcloud_update_worker.hpp"
#include "services/singularity/learn_store.hpp"

namespace singularity::services::instance {

namespace asio = boost::asio;

namespace {

using pgclient::Connection;
using pgclient::Task;
using std::chrono::steady_clock;

constexpr std::size_t kFilesPerInsert = 100;
constexpr auto kLook = std::chrono::milliseconds(5);  // first pause between two looks
constexpr auto kLongestLook = std::chrono::milliseconds(100);

using PatternKey = std::pair<std::string, std::string>;

Task<std::unique_ptr<Connection>> connect(const core::Config& config, std::string_view database) {
    const auto url = cluster::database_url(config, database);
    if (!url) throw std::runtime_error(url.error().message);
    co_return co_await Connection::open({.dsn = *url, .application_name = "learn"});
}

boost::json::value as_told(const LocalPattern& pattern) {
    return {{"name", pattern.name},
            {"ecosystem", pattern.ecosystem},
            {"confidence", pattern.confidence},
            {"occurrences", pattern.occurrences},
            {"files", pattern.files},
            {"revision", pattern.revision}};
}

// One run of the loop: the steps in order, each timed and told.
class Run {
public:
    Run(const core::Config& config, LearnOptions options) : config_(config), options_(std::move(options)) {}

    Task<core::Expected<LearnReport>> learn() {
        auto tree = read();
        if (!tree) co_return std::unexpected(tree.error());
        own_ = co_await connect(config_, "singularity");
        hub_ = co_await connect(config_, "centralcloud");
        bus_ = co_await connect(config_, "shared_queue");
        co_await store(*tree);
        co_await derive();
        patterns_ = co_await patterns_of(*own_, report_.tree.string());
        if (report_.analysed + report_.changed_patterns > 0) co_await tell();
        co_await relay();
        co_await approve();
        co_await replicate();
        judge();
        co_return std::move(report_);
    }

private:
    core::Expected<AnalysedTree> read() {
        begin("read");
        auto tree = analyse_tree(options_.path, [this](std::size_t done, std::size_t all) {
            if (options_.progress) options_.progress("read", done, all);
        });
        if (!tree) return tree;
        report_.tree = tree->root;
        report_.files = static_cast<std::int64_t>(tree->files.size());
        report_.bytes = tree->bytes;
        report_.skipped = tree->skipped.summaries();
        for (const auto& file : tree->files) {
            report_.functions += file.functions;
            report_.occurrences += static_cast<std::int64_t>(file.occurrences.size());
        }
        end();
        return tree;
    }

    Task<void> store(const AnalysedTree& tree) {
        begin("store");
        const std::string repository = tree.root.string();
        const algo::Ulid agent = co_await ensure_learner(*own_, config_.instance_id);
        const std::span<const analysis::FileAnalysis> files(tree.files);
        std::vector<std::string> paths;
        for (const auto& file : files) paths.push_back(file.path);
        for (std::size_t at = 0; at < files.size(); at += kFilesPerInsert) {
            const auto batch = files.subspan(at, std::min(kFilesPerInsert, files.size() - at));
            report_.analysed += co_await analyze_code(*own_, agent, repository, batch);
        }
        co_await forget_others(*own_, repository, paths);
        end();
    }

    Task<void> derive() {
        begin("learn");
        report_.changed_patterns = (co_await learn_patterns_now(*own_)).patterns_changed;
        end();
    }

    // What was learned, to CentralCloud as a knowledge update.
    Task<void> tell() {
        messages::CentralCloudUpdate update;
        update.agent_id = "learner";
        for (const LocalPattern& pattern : patterns_) update.patterns.push_back(as_told(pattern));
        update.insights.push_back({{"tree", report_.tree.string()},
                                   {"files", report_.files},
                                   {"functions", report_.functions},
                                   {"occurrences", report_.occurrences},
                                   {"files_analysed", report_.analysed},
                                   {"patterns_changed", report_.changed_patterns}});
        const auto queued = co_await queue_centralcloud_update(
            *own_, std::move(update),
            {.request_id = messages::new_request_id(), .instance_id = config_.instance_id});
        if (!queued) throw std::runtime_error(queued.error().message);
    }

    Task<void> relay() {
        begin("relay");
        co_await watch([this]() -> Task<std::int64_t> { return outbox_depth(*own_); });
        end();
    }

    // Done when the hub has seen this instance's latest word on every pattern of the tree, or refused it.
    Task<void> approve() {
        begin("approve");
        const algo::Ulid self = co_await incarnation(*own_);
        co_await watch([this, &self]() -> Task<std::int64_t> {
            hub_patterns_.clear();
            for (HubPattern& seen : co_await patterns_at_hub(*hub_, config_.instance_id, self)) {
                hub_patterns_.insert_or_assign(PatternKey(seen.name, seen.ecosystem), std::move(seen));
            }
            for (DeadPattern& dead : co_await refused_at_hub(*bus_, config_.instance_id)) {
                refused_.insert_or_assign(PatternKey(dead.name, dead.ecosystem), std::move(dead.reason));
            }
            co_return std::ranges::count_if(patterns_,
                                            [this](const LocalPattern& pattern) { return unseen(pattern); });
        });
        end();
    }

    bool unseen(const LocalPattern& pattern) const {
        const PatternKey key(pattern.name, pattern.ecosystem);
        if (refused_.contains(key)) return false;
        const auto seen = hub_patterns_.find(key);
        return seen == hub_patterns_.end() || seen->second.revision < pattern.revision;
    }

    Task<void> replicate() {
        begin("replicate");
        const std::int64_t differences = co_await watch([this]() -> Task<std::int64_t> {
            const std::string at_hub = co_await approved_fingerprint(*hub_);
            co_return at_hub == co_await approved_fingerprint(*own_) ? 0 : 1;
        });
        report_.in_replica = differences == 0;
        end();
    }

    // Looks until nothing is left, or until nothing got less for as long as patience lasts. Returns what
    // was left at the last look.
    Task<std::int64_t> watch(std::function<Task<std::int64_t>()> left) {
        asio::steady_timer pause(co_await asio::this_coro::executor);
        auto look = kLook;
        std::int64_t least = std::numeric_limits<std::int64_t>::max();
        auto last_progress = steady_clock::now();
        for (;;) {
            const std::int64_t now_left = co_await left();
            if (now_left == 0) co_return 0;
            if (now_left < least) {
                least = now_left;
                last_progress = steady_clock::now();
            }
            if (steady_clock::now() - last_progress > options_.patience) co_return now_left;
            pause.expires_after(look);
            co_await pause.async_wait(asio::use_awaitable);
            look = std::min(look * 2, kLongestLook);
        }
    }

    void judge() {
        for (const LocalPattern& local : patterns_) {
            LearnedPattern pattern{.name = local.name,
                                   .ecosystem = local.ecosystem,
                                   .confidence = local.confidence,
                                   .occurrences = local.occurrences,
                                   .files = local.files,
                                   .reason = {}};
            const PatternKey key(local.name, local.ecosystem);
            const auto seen = hub_patterns_.find(key);
            const auto refused = refused_.find(key);
            if (seen != hub_patterns_.end() && seen->second.revision >= local.revision) {
                pattern.verdict = seen->second.approved ? Verdict::approved : Verdict::waiting;
                pattern.confidence = seen->second.confidence;
                if (!seen->second.approved)
                    pattern.reason = seen->second.reason.value_or("below the threshold");
            } else if (refused != refused_.end()) {
                pattern.reason = refused->second;
            } else {
                pattern.reason = "CentralCloud has not seen it yet: it waits in the outbox or the queue";
            }
            report_.patterns.push_back(std::move(pattern));
        }
    }

    void begin(std::string_view step) {
        report_.steps.push_back({.name = std::string(step)});
        started_ = steady_clock::now();
        if (options_.progress) options_.progress(step, 0, 0);
    }

    void end() { report_.steps.back().took = steady_clock::now() - started_; }

    const core::Config& config_;
    LearnOptions options_;
    LearnReport report_;
    steady_clock::time_point started_;
    std::unique_ptr<Connection> own_, hub_, bus_;
    std::vector<LocalPattern> patterns_;
    std::map<PatternKey, HubPattern> hub_patterns_;
    std::map<PatternKey, std::string> refused_;
};

}  // namespace

Task<core::Expected<LearnReport>> learn(const core::Config& config, LearnOptions options) {
    Run run(config, std::move(options));
    std::string unreachable;
    try {
        co_return co_await run.learn();
    } catch (const pgclient::DbError& error) {
        if (error.cause() != pgclient::Cause::connection) throw;
        unreachable = error.what();
    }
    co_return core::failure(core::ErrorCode::not_running,
                            "the backbone can't be reached; start it with \"singularity up\"", {unreachable});
}

}  // namespace singularity::services::instance
