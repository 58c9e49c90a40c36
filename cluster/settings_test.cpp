#include "cluster/settings.hpp"

#include <gtest/gtest.h>

#include <set>

#include "cluster/access.hpp"

namespace singularity::cluster {
namespace {

const Home kHome = Home::at("/srv/it").value();
const Binaries kBinaries{.folder = "/usr/lib/postgresql/17/bin"};

SettingsInputs inputs() {
    return {.home = kHome,
            .binaries = kBinaries,
            .sockets = "/run/singularity/0123abcd",
            .schedule_database = "singularity_two",
            .shared_buffers = "256MB",
            .max_slot_wal_keep_size = "4GB",
            .lists_output_plugins = false};
}

TEST(Settings, each_stands_once_and_has_a_reason) {
    std::set<std::string> names;
    for (const ServerSetting& setting : server_settings(inputs())) {
        EXPECT_FALSE(setting.reason.empty()) << setting.name;
        EXPECT_TRUE(names.insert(setting.name).second) << setting.name;
    }
}

TEST(Settings, open_no_port_and_acknowledge_nothing_that_is_not_durable) {
    const std::string text = settings_text(inputs());
    EXPECT_TRUE(text.contains("\nlisten_addresses = ''\n"));
    EXPECT_TRUE(text.contains("\nfsync = 'on'\n"));
    EXPECT_TRUE(text.contains("\nsynchronous_commit = 'on'\n"));
    EXPECT_TRUE(text.contains("\nlog_parameter_max_length = '0'\n"));
}

TEST(Settings, follow_the_configuration_and_the_home) {
    const std::string text = settings_text(inputs());
    EXPECT_TRUE(text.contains("\nshared_buffers = '256MB'\n"));
    EXPECT_TRUE(text.contains("\ncron.database_name = 'singularity_two'\n"));
    EXPECT_TRUE(text.contains("\nunix_socket_directories = '\"/run/singularity/0123abcd\"'\n"));
    EXPECT_TRUE(
        text.contains("\ndynamic_library_path = '/srv/it/extensions/usr/lib/postgresql/17/lib:$libdir'\n"));
}

TEST(Settings, name_output_plugins_only_where_the_server_knows_that_setting) {
    EXPECT_FALSE(settings_text(inputs()).contains("output_plugin_libraries"));
    SettingsInputs newer = inputs();
    newer.lists_output_plugins = true;
    EXPECT_TRUE(
        settings_text(newer).contains("\noutput_plugin_libraries = 'pgoutput, wal2json, test_decoding'\n"));
}

TEST(Settings, are_included_once_before_the_operators_own) {
    const std::string once = with_includes("max_connections = 100\n");
    EXPECT_TRUE(once.starts_with("max_connections = 100\n"));
    EXPECT_LT(once.find("include 'singularity.conf'"), once.find("include_if_exists '../operator.conf'"));
    EXPECT_EQ(with_includes(once), once);
}

TEST(Access, is_by_peer_for_the_operator_and_by_scram_for_services_and_for_nobody_else) {
    std::istringstream text(hba_text());
    for (std::string line; std::getline(text, line);) {
        if (line.starts_with('#') || line.starts_with("include_if_exists")) continue;
        EXPECT_TRUE(line.starts_with("local ")) << line;
        const bool peer = line.contains("\"postgres\"") && line.ends_with("peer map=operator");
        EXPECT_TRUE(peer || line.ends_with("scram-sha-256")) << line;
    }
}

TEST(Access, maps_root_and_the_owner_to_the_operator) {
    EXPECT_TRUE(ident_text("ada").contains("\"ada\""));
    EXPECT_TRUE(ident_text("ada").contains("\"root\""));
}

}  // namespace
}  // namespace singularity::cluster
