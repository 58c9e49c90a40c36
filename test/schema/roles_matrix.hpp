// docs/roles.md as data: what the written matrix says of each object, and of each queue.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace singularity::schema::test {

// An object's owner and what others may do with it.
struct Rights {
    std::string owner;
    std::string grants;  // "console: select; nexus: insert, select (msg_id)", sorted; empty for none

    bool operator==(const Rights&) const = default;
};

struct QueueRights {
    std::string queue;
    std::vector<std::string> senders;
    std::vector<std::string> readers;
};

struct RolesMatrix {
    // By database, then by object: "table central.approved_patterns", or "tables of public" for all those
    // of a schema that have no row of their own.
    std::map<std::string, std::map<std::string, Rights>> objects;
    std::vector<QueueRights> queues;
};

RolesMatrix read_roles_matrix(const std::filesystem::path& markdown);

}  // namespace singularity::schema::test
