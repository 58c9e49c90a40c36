#include "schema/subscriptions.hpp"

#include <algorithm>
#include <boost/asio.hpp>

#include "core/format.hpp"
#include "core/log.hpp"
#include "schema/names.hpp"
#include "schema/sql_text.hpp"

namespace singularity::schema {

namespace {

using pgclient::Connection;
using pgclient::Query;
using pgclient::Task;

constexpr auto kSlotDeadline = std::chrono::seconds(60);  // a slot waits for every writing transaction to end

constexpr Publication kPublications[] = {
    {"approved_patterns_pub", "central.approved_patterns", "insert, update, delete"},
    {"job_statistics_pub", "central.job_statistics", "insert"},
    {"execution_metrics_pub", "central.execution_metrics", "insert"},
    {"sync_log_pub", "central.sync_log", "insert"},
};

constexpr Query kPublicationNames{"subscriptions.publications", "select pubname::text from pg_publication"};

constexpr Query kSlotExists{
    "subscriptions.slot_exists",
    "select exists (select from pg_replication_slots where slot_name = $1::text::name)"};

// No other statement may have written in this transaction; the fifth argument is failover.
constexpr Query kCreateSlot{"subscriptions.create_slot",
                            "select slot_name::text from pg_create_logical_replication_slot($1::text::name, "
                            "'pgoutput', false, false, true)"};

constexpr Query kAddress{"subscriptions.address",
                         "select subconninfo from pg_subscription where subname = $1::text"
                         " and subdbid = (select oid from pg_database where datname = current_database())"};

}  // namespace

std::string subscribe_statements(const Subscription& subscription, const std::string& conninfo) {
    return core::format(
        "set local session_replication_role = replica;"
        "truncate table {};"
        "set local session_replication_role = origin;"
        "create subscription {} connection {} publication {} with (create_slot = false, slot_name = {},"
        " copy_data = true, failover = true, streaming = parallel, disable_on_error = false, origin = none,"
        " binary = true)",
        subscription.replica, subscription.name, literal(conninfo), subscription.publication,
        literal(subscription.name));
}

std::span<const Publication> publications() {
    return kPublications;
}

std::vector<Subscription> subscriptions_of(std::string_view instance_id) {
    return {
        {subscription_name("patterns_sub", instance_id), "approved_patterns_pub", "singularity",
         "central.approved_patterns"},
        {subscription_name("job_stats_sub", instance_id), "job_statistics_pub", "genesis",
         "central.job_statistics"},
        {subscription_name("metrics_sub", instance_id), "execution_metrics_pub", "genesis",
         "central.execution_metrics"},
    };
}

Task<void> ensure_publications(Connection& publisher) {
    const auto known = co_await publisher.rows<std::string>(kPublicationNames);
    for (const Publication& publication : kPublications) {
        if (std::ranges::contains(known, publication.name)) continue;
        co_await publisher.script(core::format("create publication {} for table {} with (publish = {})",
                                               publication.name, publication.table,
                                               literal(publication.publish)));
        core::log::info("bootstrap.publication", {{"publication", publication.name}});
    }
}

Task<void> ensure_slot(Connection& publisher, const std::string& name) {
    if (co_await publisher.one<bool>(kSlotExists, name)) co_return;
    co_await publisher.within(kSlotDeadline).exec(kCreateSlot, name);
}

Task<void> ensure_subscription(Connection& publisher, Connection& subscriber,
                               const Subscription& subscription, const std::string& conninfo) {
    const auto address = co_await subscriber.maybe<std::string>(kAddress, subscription.name);
    if (address == conninfo) co_return;
    if (address) {
        co_await subscriber.script(
            core::format("alter subscription {} connection {}", subscription.name, literal(conninfo)));
        co_return;
    }
    co_await ensure_slot(publisher, subscription.name);
    co_await subscriber.script(subscribe_statements(subscription, conninfo));
    core::log::info("bootstrap.subscription", {{"subscription", subscription.name}});
}

}  // namespace singularity::schema
