// What is wrong with replication, decided from its state alone: no I/O.
#include <algorithm>

#include "core/format.hpp"
#include "schema/replication.hpp"

namespace singularity::schema {

namespace {

// Reasons in two degrees; the worse one gives the word.
class Verdict {
public:
    void down(std::string reason) { downs_.push_back(std::move(reason)); }
    void degraded(std::string reason) { degradations_.push_back(std::move(reason)); }

    ReplicationHealth health() && {
        ReplicationHealth health{.status = !downs_.empty()          ? "down"
                                           : !degradations_.empty() ? "degraded"
                                                                    : "healthy",
                                 .reasons = std::move(downs_)};
        for (std::string& reason : degradations_) health.reasons.push_back(std::move(reason));
        return health;
    }

private:
    std::vector<std::string> downs_;
    std::vector<std::string> degradations_;
};

void judge_slot(Verdict& verdict, const ReplicationState& state, const std::string& name) {
    const auto slot = std::ranges::find(state.slots, name, &SlotState::name);
    if (slot == state.slots.end()) {
        verdict.down(core::format(
            "slot {} is missing: what was published since it was lost has to be copied anew", name));
    } else if (slot->wal_status == "lost") {
        verdict.down(core::format("slot {} is lost ({}): the replica has to be copied anew", name,
                                  slot->invalidation_reason.value_or("WAL removed")));
    } else if (!slot->active) {
        verdict.down(core::format("slot {} has no subscriber", name));
    } else if (slot->lag_bytes.value_or(0) > kLagLimitBytes) {
        verdict.degraded(core::format("slot {} is {} MB behind", name, *slot->lag_bytes >> 20));
    }
}

void judge_subscription(Verdict& verdict, const ReplicationState& state, const Subscription& expected) {
    const auto subscription = std::ranges::find(state.subscriptions, expected.name, &SubscriptionState::name);
    if (subscription == state.subscriptions.end()) {
        verdict.down(core::format("subscription {} is missing in database {}", expected.name, expected.part));
        return;
    }
    if (!subscription->enabled) {
        verdict.down(core::format("subscription {} is disabled", expected.name));
    } else if (!subscription->running) {
        verdict.down(core::format(
            "subscription {} does not run ({} apply errors, {} copy errors; the server's log has "
            "them)",
            expected.name, subscription->apply_errors, subscription->sync_errors));
    } else if (subscription->tables_not_ready > 0) {
        verdict.degraded(core::format("subscription {} still copies", expected.name));
    }
    judge_slot(verdict, state, expected.name);
}

}  // namespace

ReplicationHealth judge(const ReplicationState& state, const std::vector<Subscription>& expected) {
    Verdict verdict;
    for (const Publication& publication : publications()) {
        const auto found = std::ranges::find(state.publications, publication.name, &PublicationState::name);
        if (found == state.publications.end()) {
            verdict.down(core::format("publication {} is missing", publication.name));
        } else if (!std::ranges::contains(found->tables, publication.table)) {
            verdict.down(
                core::format("publication {} does not publish {}", publication.name, publication.table));
        }
    }
    for (const Subscription& subscription : expected) judge_subscription(verdict, state, subscription);
    return std::move(verdict).health();
}

}  // namespace singularity::schema
