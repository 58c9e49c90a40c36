// Brings a database's schema to the form this program expects: files, applied in order, each once.
//
// A file is NNNNNN_topic.sql. It may begin with comment lines that direct how it runs:
//     -- migrate: role=central        objects belong to this role (default: the database's owner)
//     -- migrate: transaction=off     statement by statement, for what can't run in a transaction
// All others run in one transaction together with their line in the history, public.schema_migrations;
// a failing file leaves nothing. A file without a transaction is marked `running` first: if anything
// stops it half way, the next apply() runs it again from its first statement, in its current text, so
// such files are written to be repeatable (if not exists, drop … if exists). docs/migrations.md has it all.
#pragma once

#include "core/error.hpp"
#include "pgclient/connection.hpp"
#include "pgclient/migration_plan.hpp"

#include <chrono>
#include <functional>
#include <span>
#include <vector>

namespace singularity::pgclient {

struct MigratorOptions {
    std::chrono::milliseconds lock_timeout{60'000};      // while another migrator is at work
    std::chrono::milliseconds file_deadline{3'600'000};  // for one transaction, or one statement outside
    // Called before each file, for progress; may be empty.
    std::function<void(const Migration&)> on_apply = {};
};

class Migrator {
public:
    // `session` belongs to the operator, who can `set role` to every owner. `migrations` are this
    // database's files; both must outlive the migrator. One migrator uses a connection at a time.
    Migrator(Connection& session, std::span<const Migration> migrations, MigratorOptions options = {});

    // What stands in the history and what would be applied. Changes nothing, not even the history table.
    Task<MigrationStatus> status();

    // Applies what is missing; returns the files it applied. Refuses (ErrorCode::refused, with a sentence
    // that names the file) where history and files disagree, and changes nothing then. Any number of
    // migrators may be started at once: one works, the others wait and find nothing to do.
    // Throws DbError where a statement fails; query() is the file, the message has the line.
    Task<core::Expected<std::vector<Migration>>> apply();

private:
    Task<core::Expected<std::vector<Migration>>> apply_locked();

    Connection& session_;
    std::span<const Migration> migrations_;
    MigratorOptions options_;
};

}  // namespace singularity::pgclient
