#include "cluster/databases.hpp"

#include <memory>
#include <system_error>

#include "cluster/url.hpp"
#include "pgclient/connection.hpp"
#include "schema/bootstrap.hpp"

namespace singularity::cluster {

namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

constexpr pgclient::Query kProbe{"cluster.probe", "select 1"};

// The connection broke, or the server is starting, stopping or recovering (SQLSTATE class 57P).
bool server_went_away(const pgclient::DbError& error) {
    return error.connection_lost() || error.cause() == pgclient::Cause::connection ||
           error.sqlstate().starts_with("57P");
}

core::Error error_of(const pgclient::DbError& error) {
    core::Error result{
        server_went_away(error) ? core::ErrorCode::not_running : core::ErrorCode::failed, error.what(), {}};
    if (!error.detail().empty()) result.details.push_back(error.detail());
    if (!error.hint().empty()) result.details.push_back(error.hint());
    return result;
}

schema::BootstrapOptions bootstrap_options(const Backbone& backbone, const core::Config& config) {
    return {.admin_dsn = admin_url(backbone.sockets),
            .socket_dir = backbone.sockets.string(),
            .passfile = backbone.home.passfile(),
            .instance_id = config.instance_id,
            .database_urls = config.database_urls,
            .replication = {.host = config.replication_host,
                            .port = config.replication_host.empty() ? ""
                                                                    : std::to_string(config.replication_port),
                            .user = config.replication_user,
                            .password = config.replication_password,
                            .database = config.replication_db},
            .on_step = {}};
}

}  // namespace

Probe server_probe(const Backbone& backbone) {
    auto connection = std::make_shared<std::unique_ptr<pgclient::Connection>>();
    return [connection, url = admin_url(backbone.sockets)]() -> asio::awaitable<core::Expected<void>> {
        try {
            if (!*connection) {
                *connection = co_await pgclient::Connection::open(
                    {.dsn = url, .application_name = "supervisor", .connect_timeout = 5s, .deadline = 10s});
            }
            co_await (*connection)->one<std::int32_t>(kProbe);
            co_return core::Expected<void>{};
        } catch (const pgclient::DbError& error) {
            connection->reset();
            co_return std::unexpected(error_of(error));
        }
    };
}

Bootstrap database_bootstrap(const Backbone& backbone, const core::Config& config) {
    return [options = bootstrap_options(backbone, config)](
               OnStep on_step) -> asio::awaitable<core::Expected<void>> {
        schema::BootstrapOptions with_steps = options;
        with_steps.on_step = std::move(on_step);
        try {
            co_await schema::bootstrap(std::move(with_steps));
            co_return core::Expected<void>{};
        } catch (const pgclient::DbError& error) {
            co_return std::unexpected(error_of(error));
        } catch (const schema::BootstrapError& error) {
            co_return std::unexpected(error.error());
        } catch (const std::system_error& error) {
            co_return core::failure(core::ErrorCode::failed, error.what());
        }
    };
}

}  // namespace singularity::cluster
