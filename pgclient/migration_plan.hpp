// What to apply, decided from the files and the history alone: no I/O.
//
// History may only grow at its end. A file that was applied may not change or disappear, and no file
// may appear before the last applied one: each of these is refused with a sentence that names the file.
#pragma once

#include "core/error.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace singularity::pgclient {

struct Migration {
    int version = 0;             // from 1
    std::string_view name = {};  // the file's name: "000001_agents.sql"
    std::string_view text = {};  // valid as long as the program, or as long as its migrator
};

enum class MigrationState { pending, running, applied };

// A line of public.schema_migrations.
struct HistoryEntry {
    int version = 0;
    std::string name = {};
    std::string checksum = {};                       // SHA-256 of the text, lower-case hexadecimal
    MigrationState state = MigrationState::applied;  // running: without a transaction, not finished
};

struct MigrationStatus {
    struct Line {
        int version = 0;
        std::string name;
        MigrationState state = MigrationState::pending;
    };
    std::vector<Line> lines;             // history and files together, by version
    std::optional<core::Error> refusal;  // why nothing can be applied
};

struct Directives {
    std::string role = {};  // empty: the database's owner
    bool transaction = true;
};

std::string migration_checksum(std::string_view text);

// The `-- migrate:` lines at the head of a file. Unknown or repeated ones are refused.
core::Expected<Directives> parse_directives(const Migration& migration);

// Refuses a file that can't be split into statements, or that runs in a transaction and ends it itself.
core::Expected<void> check_statements(const Migration& migration, const Directives& directives);

// The line, from 1, of a position in characters from 1, as errors of the server have it.
int line_of(std::string_view text, int position);

// The files to apply, in order. Refuses files that contradict each other or the history.
core::Expected<std::vector<Migration>> plan_migrations(std::span<const Migration> files,
                                                       std::span<const HistoryEntry> history);

MigrationStatus migration_status(std::span<const Migration> files, std::span<const HistoryEntry> history);

}  // namespace singularity::pgclient
