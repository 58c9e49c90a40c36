#include "core/config_settings.hpp"

#include <arpa/inet.h>

#include <charconv>
#include <limits>
#include <regex>

#include "core/format.hpp"

namespace singularity::core {

namespace {

using std::string;

template <auto Member>
string set_text(Config& config, const string& text) {
    config.*Member = text;
    return {};
}

template <auto Member>
string get_text(const Config& config) {
    return string(config.*Member);
}

template <auto Member>
string set_absolute_path(Config& config, const string& text) {
    if (!std::filesystem::path(text).is_absolute()) return "an absolute path";
    config.*Member = std::filesystem::path(text).lexically_normal();
    return {};
}

template <auto Member, std::int64_t Low, std::int64_t High>
string set_integer(Config& config, const string& text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < Low || value > High) {
        return core::format("a whole number from {} to {}", Low, High);
    }
    config.*Member = value;
    return {};
}

template <auto Member>
string get_integer(const Config& config) {
    return std::to_string(config.*Member);
}

template <auto Member>
string set_boolean(Config& config, const string& text) {
    if (text != "true" && text != "false") return "true or false";
    config.*Member = text == "true";
    return {};
}

template <auto Member>
string get_boolean(const Config& config) {
    return config.*Member ? "true" : "false";
}

template <auto Member>
string set_size(Config& config, const string& text) {
    static const std::regex size("[0-9]+(kB|MB|GB|TB)");
    if (!std::regex_match(text, size)) return "a size such as 128MB";
    config.*Member = text;
    return {};
}

string set_instance(Config& config, const string& text) {
    static const std::regex name("[a-z][a-z0-9_]{0,27}");
    if (!std::regex_match(text, name))
        return "a name of at most 28 of a-z, 0-9 and _, beginning with a letter";
    config.instance_id = text;
    return {};
}

bool is_ip_address(const string& text) {
    in6_addr parsed{};
    return ::inet_pton(AF_INET, text.c_str(), &parsed) == 1 ||
           ::inet_pton(AF_INET6, text.c_str(), &parsed) == 1;
}

string set_http(Config& config, const string& text) {
    static const std::regex address(R"((?:\[([0-9a-fA-F:.]+)\]|([0-9.]+)|localhost):([0-9]{1,5}))");
    std::smatch part;
    const bool fits = std::regex_match(text, part, address) && std::stoi(part[3]) <= 65535;
    const string host = !fits ? "" : part[1].matched ? part[1].str() : part[2].str();
    if (!fits || (!host.empty() && !is_ip_address(host))) {
        return "an address and port such as 127.0.0.1:8600";
    }
    config.http = text;
    return {};
}

string set_log_level(Config& config, const string& text) {
    if (text != "debug" && text != "info" && text != "warn" && text != "error")
        return "debug, info, warn or error";
    config.log_level = text;
    return {};
}

string set_log_format(Config& config, const string& text) {
    if (text != "auto" && text != "text" && text != "json") return "auto, text or json";
    config.log_format = text;
    return {};
}

template <const char* Database>
string set_url(Config& config, const string& text) {
    if (!text.starts_with("postgresql://") && !text.starts_with("postgres://")) return "a postgresql:// URL";
    config.database_urls[Database] = text;
    return {};
}

template <const char* Database>
string get_url(const Config& config) {
    const auto found = config.database_urls.find(Database);
    return found == config.database_urls.end() ? string("(private cluster)") : redact_url(found->second);
}

constexpr char kSharedQueue[] = "shared_queue";
constexpr char kSingularity[] = "singularity";
constexpr char kCentralcloud[] = "centralcloud";
constexpr char kGenesis[] = "genesis";
constexpr char kNexus[] = "nexus";

using C = Config;

const Setting kSettings[] = {
    {"home", "SINGULARITY_HOME", "where the private cluster, its keys and its logs live", false,
     set_absolute_path<&C::home>, get_text<&C::home>},
    {"instance_id", "SINGULARITY_INSTANCE_ID", "the name of this instance", false, set_instance,
     get_text<&C::instance_id>},
    {"http", "SINGULARITY_HTTP", "where the console and the API listen", false, set_http, get_text<&C::http>},
    {"http.max_connections", "", "connections at a time; one more is answered 503", false,
     set_integer<&C::http_max_connections, 1, 1'000'000>, get_integer<&C::http_max_connections>},
    {"http.max_waiting", "", "clients that may wait for answers at a time; one more is answered 503", false,
     set_integer<&C::http_max_waiting, 1, 1'000'000>, get_integer<&C::http_max_waiting>},
    {"http.max_body_bytes", "", "of a request's body; a larger one is answered 413", false,
     set_integer<&C::http_max_body_bytes, 1024, 1'073'741'824>, get_integer<&C::http_max_body_bytes>},
    {"http.idle_seconds", "", "how long a client may send, or take, nothing that is due", false,
     set_integer<&C::http_idle_seconds, 1, 3600>, get_integer<&C::http_idle_seconds>},
    {"log.level", "SINGULARITY_LOG_LEVEL", "debug, info, warn or error", false, set_log_level,
     get_text<&C::log_level>},
    {"log.format", "SINGULARITY_LOG_FORMAT", "auto, text or json", false, set_log_format,
     get_text<&C::log_format>},
    {"postgres.bin_dir", "SINGULARITY_POSTGRES_BIN_DIR", "where PostgreSQL 17's programs are", false,
     set_absolute_path<&C::postgres_bin_dir>, get_text<&C::postgres_bin_dir>},
    {"postgres.shared_buffers", "", "memory for the cluster's page cache", false,
     set_size<&C::postgres_shared_buffers>, get_text<&C::postgres_shared_buffers>},
    {"postgres.max_slot_wal_keep_size", "", "WAL a stopped subscriber may hold back", false,
     set_size<&C::postgres_max_slot_wal_keep_size>, get_text<&C::postgres_max_slot_wal_keep_size>},
    {"shared_queue.enabled", "SHARED_QUEUE_ENABLED", "whether services use the shared queue", false,
     set_boolean<&C::shared_queue_enabled>, get_boolean<&C::shared_queue_enabled>},
    {"shared_queue.auto_initialize", "SHARED_QUEUE_AUTO_INITIALIZE", "whether CentralCloud makes its queues",
     false, set_boolean<&C::shared_queue_auto_initialize>, get_boolean<&C::shared_queue_auto_initialize>},
    {"shared_queue.retention_days", "SHARED_QUEUE_RETENTION_DAYS", "how long archives are kept", false,
     set_integer<&C::shared_queue_retention_days, 1, kMaxRetentionDays>,
     get_integer<&C::shared_queue_retention_days>},
    {"shared_queue.poll_ms", "SHARED_QUEUE_POLL_MS", "how often a consumer looks where no wake-up came",
     false, set_integer<&C::shared_queue_poll_ms, 10, 60'000>, get_integer<&C::shared_queue_poll_ms>},
    {"shared_queue.batch_size", "SHARED_QUEUE_BATCH_SIZE", "messages a read", false,
     set_integer<&C::shared_queue_batch_size, 1, kMaxBatch>, get_integer<&C::shared_queue_batch_size>},
    {"shared_queue.host", "SHARED_QUEUE_HOST", "the shared queue's host, where it is elsewhere", false,
     set_text<&C::shared_queue_host>, get_text<&C::shared_queue_host>},
    {"shared_queue.port", "SHARED_QUEUE_PORT", "its port there", false,
     set_integer<&C::shared_queue_port, 1, 65'535>, get_integer<&C::shared_queue_port>},
    {"shared_queue.user", "SHARED_QUEUE_USER", "whom services log in as there", false,
     set_text<&C::shared_queue_user>, get_text<&C::shared_queue_user>},
    {"shared_queue.password", "SHARED_QUEUE_PASSWORD", "the password there", true,
     set_text<&C::shared_queue_password>, get_text<&C::shared_queue_password>},
    {"shared_queue.db", "SHARED_QUEUE_DB", "the database's name there", false, set_text<&C::shared_queue_db>,
     get_text<&C::shared_queue_db>},
    {"genesis.max_boxes", "SINGULARITY_MAX_BOXES", "jobs that run at a time; 0: twice the cores", false,
     set_integer<&C::genesis_max_boxes, 0, 1000>, get_integer<&C::genesis_max_boxes>},
    {"genesis.max_memory_mb", "", "memory for jobs that run; 0: half of the machine's", false,
     set_integer<&C::genesis_max_memory_mb, 0, 16'777'216>, get_integer<&C::genesis_max_memory_mb>},
    {"genesis.jobs_per_agent", "", "jobs of one agent that run at a time; 0: as many as boxes but one", false,
     set_integer<&C::genesis_jobs_per_agent, 0, 1000>, get_integer<&C::genesis_jobs_per_agent>},
    {"genesis.cpu_seconds_per_agent_hour", "",
     "CPU time that one agent's jobs may use in an hour; 0: any number", false,
     set_integer<&C::genesis_cpu_seconds_per_agent_hour, 0, 1'000'000'000>,
     get_integer<&C::genesis_cpu_seconds_per_agent_hour>},
    {"sandbox.allow_without_cgroups", "", "whether code runs where no cgroup bounds its processes together",
     false, set_boolean<&C::sandbox_allow_without_cgroups>, get_boolean<&C::sandbox_allow_without_cgroups>},
    {"sandbox.prepared_boxes", "", "boxes that wait for a job", false,
     set_integer<&C::sandbox_prepared_boxes, 0, 64>, get_integer<&C::sandbox_prepared_boxes>},
    {"sandbox.first_user", "", "as root: the first of the user ids that boxes have", false,
     set_integer<&C::sandbox_first_user, 1000, 4'000'000'000>, get_integer<&C::sandbox_first_user>},
    {"replication.host", "CENTRALCLOUD_REPLICATION_HOST", "CentralCloud's host; empty: the private cluster",
     false, set_text<&C::replication_host>, get_text<&C::replication_host>},
    {"replication.port", "CENTRALCLOUD_REPLICATION_PORT", "CentralCloud's port", false,
     set_integer<&C::replication_port, 1, 65'535>, get_integer<&C::replication_port>},
    {"replication.user", "CENTRALCLOUD_REPLICATION_USER", "the role that replicates", false,
     set_text<&C::replication_user>, get_text<&C::replication_user>},
    {"replication.password", "CENTRALCLOUD_REPLICATION_PASSWORD", "its password; empty: from the passfile",
     true, set_text<&C::replication_password>, get_text<&C::replication_password>},
    {"replication.db", "CENTRALCLOUD_REPLICATION_DB", "CentralCloud's database", false,
     set_text<&C::replication_db>, get_text<&C::replication_db>},
    {"databases.shared_queue", "SHARED_QUEUE_DB_URL", "the shared queue, where it is elsewhere", false,
     set_url<kSharedQueue>, get_url<kSharedQueue>},
    {"databases.singularity", "DATABASE_URL", "the instance's database, where it is elsewhere", false,
     set_url<kSingularity>, get_url<kSingularity>},
    {"databases.centralcloud", "", "CentralCloud's database, where it is elsewhere", false,
     set_url<kCentralcloud>, get_url<kCentralcloud>},
    {"databases.genesis", "", "Genesis' database, where it is elsewhere", false, set_url<kGenesis>,
     get_url<kGenesis>},
    {"databases.nexus", "", "Nexus' database, where it is elsewhere", false, set_url<kNexus>,
     get_url<kNexus>},
};

}  // namespace

std::span<const Setting> settings() {
    return kSettings;
}

}  // namespace singularity::core
