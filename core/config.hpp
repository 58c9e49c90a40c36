// The configuration of one backbone: defaults, then the TOML file, then the environment, then flags.
//
// Each setting has a dotted key, perhaps an environment variable, and a check. Everything is read and
// checked at start and every problem is reported at once, with the key and where the value came from.
// The list of settings is the table in config_settings.cpp; `singularity config` prints it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"

namespace singularity::core {

// What one queue does differently; where nothing is said, its consumer's own values hold.
struct QueueSettings {
    std::optional<std::int64_t> retention_days;      // of its archive
    std::optional<std::int64_t> max_attempts;        // then a message is a dead letter
    std::optional<std::int64_t> concurrency;         // messages that one consumer handles at once
    std::optional<std::int64_t> batch;               // messages a read; shared_queue.batch_size without it
    std::optional<double> per_second;                // messages that one consumer begins
    std::optional<std::int64_t> visibility_seconds;  // of a claim
};

struct Config {
    std::filesystem::path home;               // the private cluster, its keys and its logs
    std::string instance_id = "singularity";  // which instance this is, among those that share a CentralCloud
    std::string http = "127.0.0.1:8600";      // where nexus listens; port 0 takes a free one
    std::int64_t http_max_connections = 16'384;
    std::int64_t http_max_waiting = 12'000;              // of them, those that may wait for an answer
    std::int64_t http_max_body_bytes = 8 * 1024 * 1024;  // of a request
    std::int64_t http_idle_seconds = 60;                 // without a request, or taking nothing of a response
    std::string log_level = "info";                      // debug, info, warn, error
    std::string log_format = "auto";  // auto (text on a terminal, JSON otherwise), text, json

    std::filesystem::path postgres_bin_dir = "/usr/lib/postgresql/17/bin";
    std::string postgres_shared_buffers = "128MB";
    std::string postgres_max_slot_wal_keep_size = "4GB";

    bool shared_queue_enabled = true;               // whether this backbone's services use the bus
    bool shared_queue_auto_initialize = true;       // whether CentralCloud makes its queues
    std::int64_t shared_queue_retention_days = 90;  // of archives, where a queue has none of its own
    std::int64_t shared_queue_poll_ms = 1000;       // fallback where a wake-up was missed
    std::int64_t shared_queue_batch_size = 10;      // messages a read
    std::map<std::string, QueueSettings> queues;    // by name; the relays', and those that the file speaks of

    // How much of a machine runs people's code; 0: what job_bounds.hpp makes of the machine.
    std::int64_t genesis_max_boxes = 0;
    std::int64_t genesis_max_memory_mb = 0;
    std::int64_t genesis_jobs_per_agent = 0;
    std::int64_t genesis_cpu_seconds_per_agent_hour = 0;  // 0: any number

    bool sandbox_allow_without_cgroups = false;  // run code where only single processes can be bounded
    std::int64_t sandbox_prepared_boxes = 4;     // that wait for a job
    std::int64_t sandbox_first_user = 64'001;    // as root: a user id for each box at a time, from here on

    // A bus that is elsewhere, for who gives no URL. Without a host none of it counts.
    std::string shared_queue_host;
    std::int64_t shared_queue_port = 5432;
    std::string shared_queue_user = "postgres";
    std::string shared_queue_password;
    std::string shared_queue_db = "shared_queue";

    std::string replication_host;  // empty: the cluster's socket
    std::int64_t replication_port = 5432;
    std::string replication_user = "replication";
    std::string replication_password;  // empty: from the passfile
    std::string replication_db = "centralcloud";

    std::map<std::string, std::string> database_urls;  // databases that are not in the private cluster

    // Where each value came from, by key: "default", "file …", "environment …", "flag …".
    std::map<std::string, std::string> sources;
};

// What the settings are read from, so that tests need neither files nor an environment.
struct ConfigInputs {
    std::optional<std::filesystem::path> file;  // none: <home>/singularity.toml where that exists
    bool reads_file = true;                     // false: no file at all
    std::function<std::optional<std::string>(std::string_view name)> environment;
    std::map<std::string, std::string> flags;  // key → value
};

// The default home: /var/lib/singularity for root, otherwise ~/.local/share/singularity.
std::filesystem::path default_home(bool root, const std::optional<std::string>& user_home);

// invalid_input with one detail for each problem.
Expected<Config> load_config(const ConfigInputs& inputs);

// A value of this process's environment, none where it is unset or empty.
std::optional<std::string> environment_variable(std::string_view name);

struct EffectiveSetting {
    std::string key, value, source, description;  // secrets and passwords in URLs are redacted
};
std::vector<EffectiveSetting> effective_settings(const Config& config);

// "postgresql://user:••••@host/db": a URL or conninfo string without its password.
std::string redact_url(std::string_view url);

}  // namespace singularity::core
