#include "cli/connect.hpp"

#include "cluster/url.hpp"

namespace singularity::cli {

pgclient::Task<std::unique_ptr<pgclient::Connection>> connect(const core::Config& config,
                                                              std::string_view database) {
    const auto url = cluster::database_url(config, database);
    if (!url) throw std::runtime_error(url.error().message);
    co_return co_await pgclient::Connection::open({.dsn = *url, .application_name = "singularity cli"});
}

}  // namespace singularity::cli
