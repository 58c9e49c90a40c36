#include "cluster/settings.hpp"

#include "cluster/replace_file.hpp"
#include "cluster/sockets.hpp"
#include "core/format.hpp"

namespace singularity::cluster {

namespace {

// Relative to postgresql.conf, so that a home can be moved.
constexpr char kIncludes[] = "\ninclude 'singularity.conf'\ninclude_if_exists '../operator.conf'\n";

using Settings = std::vector<ServerSetting>;

std::string quote(std::string_view value) {
    std::string text = "'";
    for (const char character : value) text += character == '\'' ? "''" : std::string(1, character);
    return text + "'";
}

void append(Settings& settings, std::initializer_list<ServerSetting> more) {
    settings.insert(settings.end(), more);
}

void add_connections(Settings& settings, const SettingsInputs& inputs) {
    append(settings,
           {
               {"listen_addresses", "", "no TCP: everything that connects is on this machine"},
               {"port", std::to_string(kPort),
                "part of the socket's name; PGPORT in somebody's environment changes nothing"},
               {"unix_socket_directories", core::format("\"{}\"", inputs.sockets.string()),
                "short enough for a socket path"},
               {"unix_socket_permissions", "0777",
                "pg_hba.conf decides who enters: services may be users of their own"},
               {"max_connections", "200", "pools of four services, the schedule's jobs, people"},
               {"password_encryption", "scram-sha-256", "the roles of services log in by SCRAM alone"},
           });
}

void add_extensions(Settings& settings, const SettingsInputs& inputs) {
    append(settings,
           {
               {"extension_destdir", inputs.home.extensions().string(),
                "our extensions lie in the home: no root is needed"},
               {"dynamic_library_path", library_path(inputs.home, inputs.binaries),
                "without it a module's bare name is looked up in the system's folder alone"},
               {"shared_preload_libraries", "pg_cron", "the schedule; nothing of ours needs to be preloaded"},
               {"cron.database_name", inputs.schedule_database,
                "pg_cron lives in one database and reaches the others from there"},
               {"cron.use_background_workers", "on",
                "jobs run inside the server: there is no TCP that they could come by"},
               {"cron.max_running_jobs", "8", "the schedules of five databases, without taking every worker"},
               {"cron.timezone", "UTC", "schedules mean the same on every machine"},
           });
}

void add_replication(Settings& settings, const SettingsInputs& inputs) {
    append(settings,
           {
               {"wal_level", "logical", "publications and change data capture read the WAL"},
               {"max_replication_slots", "32",
                "three subscriptions an instance with their table syncs, and capture"},
               {"max_wal_senders", "32", "one for every slot"},
               {"max_logical_replication_workers", "16", "apply and table sync workers of the subscriptions"},
               {"max_worker_processes", "48",
                "those, the schedule's jobs, parallel queries, extensions' workers"},
               {"max_slot_wal_keep_size", inputs.max_slot_wal_keep_size,
                "a subscriber that never comes back must not fill the disk"},
           });
    if (inputs.lists_output_plugins) {
        settings.push_back({"output_plugin_libraries", "pgoutput, wal2json, test_decoding",
                            "this server allows output plugins by name; wal2json is not among its defaults"});
    }
}

void add_durability(Settings& settings, const SettingsInputs& inputs) {
    append(
        settings,
        {
            {"fsync", "on", "nothing that was acknowledged is lost"},
            {"recovery_init_sync_method", "syncfs",
             "after a crash one call flushes what five databases' files need"},
            {"full_page_writes", "on", "a torn page is mended after a crash"},
            {"synchronous_commit", "on", "a commit is on disk; telemetry may relax it for a transaction"},
            {"shared_buffers", inputs.shared_buffers, "modest: the operating system's cache does the rest"},
            {"maintenance_work_mem", "128MB", "vector indexes are built in memory"},
            {"work_mem", "8MB", "sorts of a few thousand rows stay in memory"},
            {"random_page_cost", "1.1", "disks are solid"},
            {"jit", "off", "queries are short; compiling them costs more than it gives"},
            {"max_wal_size", "2GB", "fewer checkpoints while trees are learned"},
        });
}

void add_logging(Settings& settings) {
    append(
        settings,
        {
            {"log_destination", "stderr", "the supervisor keeps it in log/postgresql.log and rotates that"},
            {"logging_collector", "off",
             "one place for every part's log, and a server that fails is explained from it"},
            {"log_line_prefix", "%m [%p] %q%u@%d %a ", "when, which process, who, where, which service"},
            {"log_timezone", "UTC", "the same clock as the services' logs"},
            {"timezone", "UTC", "results do not depend on the machine"},
            {"log_min_error_statement", "panic", "the text of a failed statement may carry a secret"},
            {"log_parameter_max_length", "0", "parameters may carry secrets"},
            {"log_parameter_max_length_on_error", "0", "parameters may carry secrets"},
            {"log_lock_waits", "on", "who waits for whom is the first question"},
            {"log_checkpoints", "off", "a line every five minutes hides the others"},
            {"log_startup_progress_interval", "2s", "a long recovery shows that it goes on"},
        });
}

}  // namespace

std::vector<ServerSetting> server_settings(const SettingsInputs& inputs) {
    Settings settings;
    add_connections(settings, inputs);
    add_extensions(settings, inputs);
    add_replication(settings, inputs);
    add_durability(settings, inputs);
    add_logging(settings);
    return settings;
}

std::string settings_text(const SettingsInputs& inputs) {
    std::string text =
        core::format("# Written by `singularity up` at every start. Your own settings belong into\n# {}\n",
                     inputs.home.operator_conf().string());
    for (const ServerSetting& setting : server_settings(inputs)) {
        text += core::format("\n# {}\n{} = {}\n", setting.reason, setting.name, quote(setting.value));
    }
    return text;
}

std::string with_includes(std::string postgresql_conf) {
    if (postgresql_conf.contains(kIncludes)) return postgresql_conf;
    return postgresql_conf + kIncludes;
}

std::string library_path(const Home& home, const Binaries& binaries) {
    const auto libraries = (binaries.folder.parent_path() / "lib").relative_path();
    return core::format("{}:$libdir", (home.extensions() / libraries).string());
}

core::Expected<void> write_settings(const SettingsInputs& inputs) {
    const auto data = inputs.home.data();
    const auto main_file = data / "postgresql.conf";
    const auto before = read_file(main_file);
    if (!before) {
        return core::failure(core::ErrorCode::failed, core::format("cannot read {}", main_file.string()));
    }
    return replace_if_different(data / "singularity.conf", settings_text(inputs), 0600)
        .and_then([&](bool) { return replace_if_different(main_file, with_includes(*before), 0600); })
        .transform([](bool) {});
}

}  // namespace singularity::cluster
