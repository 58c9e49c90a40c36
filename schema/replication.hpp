// How replication is: publications, slots and subscriptions as PostgreSQL's own views tell them, and
// one word for all of it.
//
// "healthy": everything that should be there is there, connected and caught up. "degraded": it works, but
// lags or still copies. "down": something is missing, disabled, lost or not running. Every reason is a
// sentence that names the part.
#pragma once

#include <boost/json/object.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pgclient/connection.hpp"
#include "schema/subscriptions.hpp"

namespace singularity::schema {

inline constexpr std::int64_t kLagLimitBytes = 16 << 20;  // more than this is "degraded"

struct PublicationState {
    std::string name;
    std::vector<std::string> tables;
    std::string publishes;  // "insert, update, delete"
};

struct SlotState {
    std::string name;
    bool active = false;
    std::string wal_status = {};  // reserved, extended, unreserved, lost
    std::optional<std::string> invalidation_reason = {};
    std::optional<double> idle_seconds = {};          // since the subscriber left
    std::optional<std::int64_t> lag_bytes = {};       // not yet confirmed by the subscriber
    std::optional<std::int64_t> retained_bytes = {};  // of WAL kept for it
};

struct SubscriptionState {
    std::string name;
    bool enabled = false;
    bool running = false;
    std::optional<double> silent_seconds = {};  // since the publisher's last message
    std::int64_t apply_errors = 0;              // since the counters were reset
    std::int64_t sync_errors = 0;
    std::int64_t tables_not_ready = 0;
    std::string database = {};
};

struct ReplicationState {
    std::vector<PublicationState> publications;
    std::vector<SlotState> slots;
    std::vector<SubscriptionState> subscriptions;
};

struct ReplicationHealth {
    std::string status;  // "healthy", "degraded", "down"
    std::vector<std::string> reasons;
};

// Reads the state. `dsn_of` gives the operator's address of a database by its part. Throws DbError.
pgclient::Task<ReplicationState> replication_state(std::string instance_id,
                                                   std::function<std::string(std::string_view part)> dsn_of);

// Compares the state with what should be there; no I/O.
ReplicationHealth judge(const ReplicationState& state, const std::vector<Subscription>& expected);

// With the keys of the health summary that scripts know: publications_count, subscriptions_total,
// subscriptions_active, subscriptions_inactive, replication_lag (bytes, the largest), status, timestamp;
// and the three lists.
boost::json::object to_json(const ReplicationState& state, const ReplicationHealth& health);

}  // namespace singularity::schema
