// Makes a PostgreSQL cluster into a backbone: what only its operator may do.
//
// Roles with their passwords, databases, extensions, settings, migrations, publications, slots,
// subscriptions and scheduled jobs. Every step looks first and does what is missing, so a bootstrap
// that was killed anywhere is completed by the next one, and one on an up-to-date cluster changes
// nothing. Two at once take turns. docs/roles.md says what it grants, docs/replication.md how
// subscriptions are made.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <filesystem>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "core/error.hpp"

namespace singularity::schema {

// Where subscriptions connect to (CENTRALCLOUD_REPLICATION_*). Without a host it is this cluster, and of
// the rest only the password counts.
struct ReplicationSource {
    std::string host;
    std::string port;
    std::string user = {};
    std::string password = {};  // goes into the passfile, never into a connection string
    std::string database;
};

struct BootstrapOptions {
    std::string admin_dsn;           // the operator, any database: a libpq URL or keywords
    std::string socket_dir;          // of this cluster's server; what subscriptions connect to
    std::filesystem::path passfile;  // libpq's format, 0600, a line a role; written by the bootstrap
    std::string instance_id = "singularity";

    // Databases that live elsewhere, by part: their operators prepare them, the bootstrap leaves them alone.
    std::map<std::string, std::string> database_urls;
    ReplicationSource replication;

    // Called before each step with its name ("roles", "database centralcloud", …), to show progress.
    // What it throws stops the bootstrap between two steps.
    std::function<void(std::string_view step)> on_step;
};

// What the server would not say in a useful sentence: a database of another instance, migrations that
// disagree with their history.
class BootstrapError : public std::runtime_error {
public:
    explicit BootstrapError(core::Error error)
        : std::runtime_error(error.message), error_(std::move(error)) {}
    const core::Error& error() const { return error_; }

private:
    core::Error error_;
};

// Throws BootstrapError, pgclient::DbError for what the server refuses, and std::system_error for the
// passfile. Runs on the coroutine's executor; the one file that it writes is small.
boost::asio::awaitable<void> bootstrap(BootstrapOptions options);

}  // namespace singularity::schema
