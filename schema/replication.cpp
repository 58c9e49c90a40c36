#include "schema/replication.hpp"

#include <algorithm>
#include <boost/asio.hpp>
#include <boost/json.hpp>

#include "core/clock.hpp"
#include "schema/names.hpp"

namespace singularity::schema {

namespace {

using pgclient::Connection;
using pgclient::Query;
using pgclient::Task;

constexpr Query kPublications{
    "replication.publications",
    "select p.pubname::text as name,"
    " array(select format('%I.%I', t.schemaname, t.tablename) from pg_publication_tables t"
    "  where t.pubname = p.pubname order by 1) as tables,"
    " concat_ws(', ', case when p.pubinsert then 'insert' end, case when p.pubupdate then 'update' end,"
    "  case when p.pubdelete then 'delete' end, case when p.pubtruncate then 'truncate' end) as publishes"
    " from pg_publication p order by p.pubname"};

constexpr Query kSlots{
    "replication.slots",
    "select s.slot_name::text as name, s.active, s.wal_status, s.invalidation_reason,"
    " extract(epoch from now() - s.inactive_since)::double precision as idle_seconds,"
    " pg_wal_lsn_diff(pg_current_wal_lsn(), s.confirmed_flush_lsn)::bigint as lag_bytes,"
    " pg_wal_lsn_diff(pg_current_wal_lsn(), s.restart_lsn)::bigint as retained_bytes"
    " from pg_replication_slots s"
    " where s.slot_type = 'logical' and s.database = current_database() and not s.temporary"
    "  and s.plugin = 'pgoutput' and s.slot_name !~ '^pg_[0-9]+_sync_'"
    " order by s.slot_name"};

constexpr Query kSubscriptions{
    "replication.subscriptions",
    "select u.subname::text as name, u.subenabled as enabled, w.pid is not null as running,"
    " extract(epoch from now() - w.last_msg_receipt_time)::double precision as silent_seconds,"
    " coalesce(e.apply_error_count, 0) as apply_errors, coalesce(e.sync_error_count, 0) as sync_errors,"
    " (select count(*) from pg_subscription_rel r where r.srsubid = u.oid and r.srsubstate <> 'r') as "
    "tables_not_ready,"
    " current_database()::text as database"
    " from pg_subscription u"
    " left join pg_stat_subscription w on w.subid = u.oid and w.worker_type = 'apply'"
    " left join pg_stat_subscription_stats e on e.subid = u.oid"
    " where u.subdbid = (select oid from pg_database where datname = current_database())"
    " order by u.subname"};

Task<std::unique_ptr<Connection>> open(std::string dsn) {
    return Connection::open({.dsn = std::move(dsn), .application_name = "singularity replication"});
}

std::int64_t largest_lag(const ReplicationState& state) {
    std::int64_t largest = 0;
    for (const SlotState& slot : state.slots) largest = std::max(largest, slot.lag_bytes.value_or(0));
    return largest;
}

boost::json::object as_json(const PublicationState& publication) {
    return {{"name", publication.name},
            {"tables", boost::json::value_from(publication.tables)},
            {"publishes", publication.publishes}};
}

boost::json::object as_json(const SlotState& slot) {
    return {{"name", slot.name},
            {"active", slot.active},
            {"wal_status", slot.wal_status},
            {"invalidation_reason", boost::json::value_from(slot.invalidation_reason)},
            {"idle_seconds", boost::json::value_from(slot.idle_seconds)},
            {"lag_bytes", boost::json::value_from(slot.lag_bytes)},
            {"retained_bytes", boost::json::value_from(slot.retained_bytes)}};
}

boost::json::object as_json(const SubscriptionState& subscription) {
    return {{"name", subscription.name},
            {"database", subscription.database},
            {"enabled", subscription.enabled},
            {"running", subscription.running},
            {"silent_seconds", boost::json::value_from(subscription.silent_seconds)},
            {"apply_errors", subscription.apply_errors},
            {"sync_errors", subscription.sync_errors},
            {"tables_not_ready", subscription.tables_not_ready}};
}

template <class T>
boost::json::array as_array(const std::vector<T>& rows) {
    boost::json::array array;
    for (const T& row : rows) array.push_back(as_json(row));
    return array;
}

}  // namespace

Task<ReplicationState> replication_state(std::string instance_id,
                                         std::function<std::string(std::string_view part)> dsn_of) {
    ReplicationState state;
    const auto publisher = co_await open(dsn_of("centralcloud"));
    state.publications = co_await publisher->rows<PublicationState>(kPublications);
    state.slots = co_await publisher->rows<SlotState>(kSlots);
    std::vector<std::string_view> asked;
    for (const Subscription& subscription : subscriptions_of(instance_id)) {
        if (std::ranges::contains(asked, subscription.part)) continue;
        asked.push_back(subscription.part);
        const auto subscriber = co_await open(dsn_of(subscription.part));
        for (SubscriptionState& row : co_await subscriber->rows<SubscriptionState>(kSubscriptions)) {
            state.subscriptions.push_back(std::move(row));
        }
    }
    co_return state;
}

boost::json::object to_json(const ReplicationState& state, const ReplicationHealth& health) {
    const auto active = std::ranges::count_if(state.subscriptions, &SubscriptionState::running);
    return {{"status", health.status},
            {"reasons", boost::json::value_from(health.reasons)},
            {"publications_count", state.publications.size()},
            {"subscriptions_total", state.subscriptions.size()},
            {"subscriptions_active", active},
            {"subscriptions_inactive", static_cast<std::int64_t>(state.subscriptions.size()) - active},
            {"replication_lag", largest_lag(state)},
            {"timestamp", core::rfc3339(core::now())},
            {"publications", as_array(state.publications)},
            {"slots", as_array(state.slots)},
            {"subscriptions", as_array(state.subscriptions)}};
}

}  // namespace singularity::schema
