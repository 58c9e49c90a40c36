// What the databases do on their own, by pg_cron: counting messages by how long they took every half minute,
// summing up statistics and learning from them every minute, learning from code every five, forgetting unique
// keys every hour, pruning every night.
//
// pg_cron lives in one database (cron.database_name) and starts jobs in all of them, as the role that
// each job names. A job is known by its name; one whose schedule or command changed is changed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "pgclient/connection.hpp"

namespace singularity::schema {

struct Job {
    std::string name;
    std::string schedule;  // five fields, in the server's cron.timezone; or "30 seconds"
    std::string command;
    std::string database;
    std::string role;  // empty: the operator
};

// All jobs of an instance. `schedule_database` is where pg_cron lives.
std::vector<Job> jobs_of(std::string_view instance_id, const std::string& schedule_database);

// The database in which pg_cron lives; empty if the server doesn't have it loaded.
pgclient::Task<std::string> schedule_database(pgclient::Connection& session);

// Creates the extension and the jobs that are missing or different. `session` is the operator's, on the
// schedule's database.
pgclient::Task<void> ensure_schedule(pgclient::Connection& session, const std::vector<Job>& jobs);

}  // namespace singularity::schema
