// What the parts of a backbone are called: databases, their owners, replication slots.
//
// The first instance, "singularity", has the plain names; another instance N has a database
// singularity_N and a subscription (with its slot) patterns_sub_N. Instance ids are checked by the
// configuration: lower-case letters, digits and underscores, so that every name here needs no quoting.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace singularity::schema {

inline constexpr std::string_view kFirstInstance = "singularity";

// The role that a subscription connects as, and the one that owns what is replicated.
inline constexpr std::string_view kReplicationRole = "replication";
inline constexpr std::string_view kCentralRole = "central";

// One of the five databases of a backbone, by its part: "shared_queue", "singularity", "centralcloud",
// "genesis", "nexus". Each part's migrations live in a folder of that name.
struct Database {
    std::string part;
    std::string name;   // the part's, or singularity_N
    std::string owner;  // the service that logs in as this role
};

// All five, in the order in which they are made: publishers before subscribers.
std::span<const std::string_view> parts();
Database database_of(std::string_view part, std::string_view instance_id);

// "patterns_sub", or "patterns_sub_N" for another instance; the slot has the subscription's name.
std::string subscription_name(std::string_view base, std::string_view instance_id);

}  // namespace singularity::schema
