// Making connections: what is refused and how it is told.
#include "pgclient/connect_target.hpp"
#include "pgclient/testing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>

namespace singularity::pgclient {
namespace {

using namespace std::chrono_literals;
using testing::failure_of;
using ::testing::HasSubstr;
using testing::run;
using testing::server_dsn;

// A socket that takes connections and never says a word.
class SilentServer {
public:
    SilentServer() {
        char pattern[] = "/tmp/singularity-silent.XXXXXX";
        folder_ = ::mkdtemp(pattern);
        socket_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_un address{AF_UNIX, {}};
        (folder_ + "/.s.PGSQL.5432").copy(address.sun_path, sizeof address.sun_path - 1);
        ::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address);
        ::listen(socket_, 8);
    }
    ~SilentServer() {
        ::close(socket_);
        std::filesystem::remove_all(folder_);
    }
    const std::string& folder() const { return folder_; }

private:
    std::string folder_;
    int socket_ = -1;
};

TEST(ConnectPg, a_connection_carries_its_application_name) {
    run([]() -> Task<void> {
        const auto connection = co_await Connection::open({.dsn = server_dsn(), .application_name = "me"});
        EXPECT_EQ(
            co_await connection->one<std::string>({"name", "select current_setting('application_name')"}),
            "me");
        EXPECT_EQ(co_await connection->one<std::int32_t>({"pid", "select pg_backend_pid()"}),
                  connection->backend_pid());
    });
}

TEST(ConnectPg, a_missing_socket_is_told_with_its_path) {
    run([]() -> Task<void> {
        const auto failure = co_await failure_of(Connection::open({.dsn = "host=/nowhere/at/all"}));
        EXPECT_EQ(failure->sqlstate(), kConnectFailed);
        EXPECT_TRUE(failure->connection_lost());
        EXPECT_STREQ(failure->what(),
                     "connection to server on socket \"/nowhere/at/all/.s.PGSQL.5432\" failed: "
                     "No such file or directory");
        EXPECT_THAT(failure->hint(), HasSubstr("Is the server running locally"));
    });
}

TEST(ConnectPg, a_missing_database_is_told_by_the_server) {
    run([]() -> Task<void> {
        const auto failure =
            co_await failure_of(Connection::open({.dsn = server_dsn() + " dbname=not_there"}));
        EXPECT_THAT(failure->what(), HasSubstr("database \"not_there\" does not exist"));
    });
}

TEST(ConnectPg, a_server_that_never_answers_is_given_up_in_time) {
    const SilentServer silent;
    run([&]() -> Task<void> {
        const auto failure = co_await failure_of(
            Connection::open({.dsn = "host=" + silent.folder() + " user=x", .connect_timeout = 50ms}));
        EXPECT_EQ(failure->sqlstate(), kConnectFailed);
        EXPECT_THAT(failure->what(), HasSubstr("within 50 ms"));
    });
}

TEST(ConnectPg, the_next_host_is_tried_when_one_does_not_exist) {
    run([]() -> Task<void> {
        const std::string folder = parse_dsn(server_dsn()).at("host");
        const auto connection = co_await Connection::open(
            {.dsn = "host=/nowhere/at/all," + folder + " user=postgres dbname=postgres"});
        EXPECT_TRUE(connection->usable());
    });
}

TEST(ConnectPg, a_name_that_cannot_be_resolved_is_told) {
    run([]() -> Task<void> {
        const auto failure = co_await failure_of(
            Connection::open({.dsn = "host=no.such.host.invalid", .connect_timeout = 2s}));
        EXPECT_EQ(failure->sqlstate(), kConnectFailed);
        EXPECT_THAT(failure->what(), HasSubstr("could not resolve host name \"no.such.host.invalid\""));
    });
}

TEST(ConnectPg, names_that_resolve_are_connected_to) {
    run([]() -> Task<void> {
        // Nothing listens there: what counts is that the address was found and tried.
        const auto failure = co_await failure_of(Connection::open({.dsn = "host=localhost port=1 user=x"}));
        EXPECT_THAT(failure->what(), HasSubstr("connection to server at \"127.0.0.1\", port 1 failed"));
    });
}

}  // namespace
}  // namespace singularity::pgclient
