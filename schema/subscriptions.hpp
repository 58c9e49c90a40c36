// Publications, slots and subscriptions: how approved patterns and statistics reach the replicas.
//
// In one cluster, create subscription must not create the slot itself: the slot would wait for the
// command's own transaction. So the slot is made first, then a subscription that takes it over
// (docs/replication.md).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pgclient/connection.hpp"

namespace singularity::schema {

struct Publication {
    std::string_view name;
    std::string_view table;    // schema-qualified
    std::string_view publish;  // "insert, update, delete"
};

// What CentralCloud publishes.
std::span<const Publication> publications();

struct Subscription {
    std::string name;  // its slot has the same
    std::string_view publication;
    std::string_view part;     // the subscribing database
    std::string_view replica;  // schema-qualified
};

// What an instance subscribes to: patterns for itself, statistics and metrics for its Genesis.
std::vector<Subscription> subscriptions_of(std::string_view instance_id);

// `publisher` is the operator's session in CentralCloud's database. Creates what is missing.
pgclient::Task<void> ensure_publications(pgclient::Connection& publisher);

// The slot that a subscription of this name will take over. Waits up to a minute for writers to end.
pgclient::Task<void> ensure_slot(pgclient::Connection& publisher, const std::string& name);

// Empties the replica and subscribes, for one transaction of the subscriber; the slot has to be there.
std::string subscribe_statements(const Subscription& subscription, const std::string& conninfo);

// Creates the slot and the subscription where they are missing, and corrects the address of an existing
// one. `publisher` may make slots there; `subscriber` is the operator's, in the replica's database. A
// replica that gets a new subscription is emptied first, since it is copied whole.
pgclient::Task<void> ensure_subscription(pgclient::Connection& publisher, pgclient::Connection& subscriber,
                                         const Subscription& subscription, const std::string& conninfo);

}  // namespace singularity::schema
