#include "pgclient/testing.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "core/format.hpp"

namespace singularity::pgclient::testing {

namespace {

constexpr int kSkipped = 77;

void run_on_server(const std::string& statement) {
    run([&]() -> Task<void> {
        const auto connection = co_await Connection::open({.dsn = server_dsn()});
        co_await connection->script(statement);
    });
}

std::string with_cluster() {
    return (std::filesystem::path(__FILE__).parent_path().parent_path() / "test" / "with_cluster").string();
}

std::string read_line(int descriptor) {
    std::string line;
    for (char c = 0; ::read(descriptor, &c, 1) == 1 && c != '\n';) line += c;
    if (line.empty()) throw std::runtime_error("test/with_cluster did not start a cluster");
    return line;
}

}  // namespace

const std::string& server_dsn() {
    static const std::string dsn = [] {
        // Nothing changes the environment of a test. NOLINTNEXTLINE(concurrency-mt-unsafe)
        const char* value = std::getenv("SINGULARITY_TEST_DSN");
        if (value) return std::string(value);
        std::fputs("skipped: SINGULARITY_TEST_DSN is not set; run this through test/with_cluster\n", stderr);
        std::_Exit(kSkipped);
    }();
    return dsn;
}

TestDatabase::TestDatabase() {
    static std::atomic<int> count = 0;
    name_ = core::format("test_{}_{}", ::getpid(), ++count);
    run_on_server("create database " + name_);
}

TestDatabase::~TestDatabase() {
    try {
        run_on_server("drop database " + name_ + " with (force)");
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s stays: %s\n", name_.c_str(), error.what());
    }
}

// The cluster lives as long as the command it was started for, a `cat` that reads from us.
OwnCluster::OwnCluster() {
    server_dsn();
    std::array<int, 2> down{}, up{};
    if (::pipe2(down.data(), O_CLOEXEC) != 0 || ::pipe2(up.data(), O_CLOEXEC) != 0) {
        throw std::runtime_error("no pipes");
    }
    const std::string program = with_cluster();
    child_ = ::fork();
    if (child_ == 0) {
        ::dup2(down[0], STDIN_FILENO);
        ::dup2(up[1], STDOUT_FILENO);
        ::execl(program.c_str(), program.c_str(), "sh", "-c",
                R"(echo "$SINGULARITY_TEST_DSN"; echo "$SINGULARITY_TEST_CTL"; exec cat)", nullptr);
        std::_Exit(127);
    }
    ::close(down[0]);
    ::close(up[1]);
    to_child_ = down[1];
    dsn_ = read_line(up[0]);
    ctl_ = read_line(up[0]);
    ::close(up[0]);
}

OwnCluster::~OwnCluster() {
    ::close(to_child_);
    ::waitpid(child_, nullptr, 0);
}

void OwnCluster::control(const std::string& verb) const {
    // A test has one thread. NOLINTNEXTLINE(concurrency-mt-unsafe)
    if (std::system((ctl_ + " " + verb).c_str()) != 0)
        throw std::runtime_error("the cluster did not " + verb);
}

Task<void> until(Connection& observer, std::string condition) {
    const std::string sql = "select " + condition;
    const std::string name = core::format("until {}", std::hash<std::string>()(sql));
    while (!co_await observer.one<bool>(Query{name, sql})) {
    }
}

std::string is_running(int backend_pid, const std::string& text) {
    return core::format(
        "exists (select from pg_stat_activity where pid = {} and state = 'active' "
        "and query like '%{}%')",
        backend_pid, text);
}

}  // namespace singularity::pgclient::testing
