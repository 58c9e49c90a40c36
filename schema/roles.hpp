// The roles of a backbone and their passwords.
//
// The passfile is what counts: a role whose verifier doesn't fit its line there gets one that does, so
// a bootstrap that was killed between the two, or a passfile that was restored, mends itself.
#pragma once

#include <filesystem>
#include <span>
#include <string_view>

#include "pgclient/connection.hpp"

namespace singularity::schema {

struct Role {
    std::string_view name;
    std::string_view attributes;  // "login", "login replication", "nologin"
    std::string_view settings;    // "name=value" settings of its sessions, separated by ';'
};

std::span<const Role> roles();

// `session` is the operator's, on any database. Throws std::system_error for the passfile.
pgclient::Task<void> ensure_roles(pgclient::Connection& session, const std::filesystem::path& passfile);

}  // namespace singularity::schema
