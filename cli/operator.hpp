// A command's connection as the operator: the superuser of the private cluster, by the socket's peer.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "cluster/url.hpp"
#include "core/config.hpp"
#include "pgclient/connection.hpp"
#include "schema/names.hpp"
#include "schema/sql_text.hpp"

namespace singularity::cli {

// The operator's address of a part's database. One that the configuration puts elsewhere has its own
// URL, with the rights that this gives. Throws std::runtime_error where the home has no cluster.
inline std::string operator_address(const core::Config& config, std::string_view part) {
    const auto elsewhere = config.database_urls.find(std::string(part));
    if (elsewhere != config.database_urls.end()) return elsewhere->second;
    const auto admin = cluster::database_url(config, "admin");
    if (!admin) throw std::runtime_error(admin.error().message);
    return schema::with_database(*admin, schema::database_of(part, config.instance_id).name);
}

inline pgclient::Task<std::unique_ptr<pgclient::Connection>> connect_as_operator(const core::Config& config,
                                                                                 std::string_view part) {
    return pgclient::Connection::open(
        {.dsn = operator_address(config, part), .application_name = "singularity cli"});
}

}  // namespace singularity::cli
