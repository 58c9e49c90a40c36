// Our settings of a private cluster: singularity.conf in its data directory, each with its reason.
//
// The file is written at every `up`, so that settings follow upgrades. postgresql.conf, which initdb
// made, includes it and then the operator's own operator.conf in the home, which therefore wins.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cluster/binaries.hpp"
#include "cluster/home.hpp"

namespace singularity::cluster {

struct SettingsInputs {
    const Home& home;
    const Binaries& binaries;
    std::filesystem::path sockets;
    std::string schedule_database;  // pg_cron lives in one
    std::string shared_buffers;
    std::string max_slot_wal_keep_size;
    bool lists_output_plugins = false;  // the server knows output_plugin_libraries
};

struct ServerSetting {
    std::string name, value, reason;
};

std::vector<ServerSetting> server_settings(const SettingsInputs& inputs);

// The text of singularity.conf.
std::string settings_text(const SettingsInputs& inputs);

// postgresql.conf with the two includes at its end; unchanged where they stand in it already.
std::string with_includes(std::string postgresql_conf);

// Where the server looks for loadable modules: the home's own, then the system's.
std::string library_path(const Home& home, const Binaries& binaries);

// Writes singularity.conf and, where they are missing, the includes.
core::Expected<void> write_settings(const SettingsInputs& inputs);

}  // namespace singularity::cluster
