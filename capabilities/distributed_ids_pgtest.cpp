#include "capabilities/distributed_ids.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio.hpp>
#include <cstdio>
#include <optional>
#include <set>

#include "core/config.hpp"
#include "pgclient/connection.hpp"

namespace singularity::capabilities::distributed_ids {
namespace {

template <class Result>
Result run(pgclient::Task<Result> task) {
    boost::asio::io_context context;
    std::optional<Result> result;
    std::exception_ptr error;
    boost::asio::co_spawn(context, std::move(task), [&](std::exception_ptr thrown, Result value) {
        error = thrown;
        result = std::move(value);
    });
    context.run();
    if (error) std::rethrow_exception(error);
    return std::move(*result);
}

// A database of its own, with the extension; dropped at the end.
class DistributedIdsTest : public testing::Test {
protected:
    void SetUp() override {
        administer("create database " + database_);
        run(script(dsn_ + " dbname=" + database_, "create extension sg_ulid"));
    }

    void TearDown() override { administer("drop database " + database_ + " with (force)"); }

    pgclient::Task<std::unique_ptr<pgclient::Connection>> connect() {
        return pgclient::Connection::open({.dsn = dsn_ + " dbname=" + database_});
    }

private:
    void administer(const std::string& statement) { run(script(dsn_, statement)); }

    static pgclient::Task<bool> script(std::string dsn, std::string statement) {
        const auto connection = co_await pgclient::Connection::open({.dsn = dsn});
        co_await connection->script(statement);
        co_return true;
    }

    const std::string dsn_ = core::environment_variable("SINGULARITY_TEST_DSN").value();
    const std::string database_ = "distributed_ids_" + std::to_string(::getpid());
};

TEST_F(DistributedIdsTest, batch_and_correlation_ids_come_from_one_sequence) {
    const auto ids = run([this]() -> pgclient::Task<std::vector<algo::Ulid>> {
        const auto first = co_await connect();
        const auto second = co_await connect();
        std::vector<algo::Ulid> made;
        for (int i = 0; i < 20; ++i) {
            made.push_back(co_await generate_batch_id(*first));
            made.push_back(co_await generate_correlation_id(*second));
            for (const auto& id : co_await generate_batch(*first, 3)) made.push_back(id);
        }
        co_return made;
    }());
    EXPECT_EQ(ids.size(), 100u);
    EXPECT_EQ(std::ranges::adjacent_find(ids, std::greater_equal{}), ids.end()) << "strictly in order";
}

TEST_F(DistributedIdsTest, a_trace_id_tells_when_it_was_made) {
    const auto before = std::chrono::floor<std::chrono::milliseconds>(core::now());
    const auto id = run([this]() -> pgclient::Task<algo::Ulid> {
        const auto connection = co_await connect();
        co_return co_await generate_trace_id(*connection);
    }());
    EXPECT_LE(before, id.timestamp());
    EXPECT_LE(id.timestamp(), core::now());
}

TEST_F(DistributedIdsTest, a_batch_has_as_many_ids_as_asked_for) {
    const auto sizes = run([this]() -> pgclient::Task<std::vector<std::size_t>> {
        const auto connection = co_await connect();
        std::vector<std::size_t> made;
        for (const std::int64_t count : {0, 1, 100, 50'000}) {
            const auto ids = co_await generate_batch(*connection, count);
            made.push_back(std::set<algo::Ulid>(ids.begin(), ids.end()).size());
        }
        co_return made;
    }());
    EXPECT_EQ(sizes, (std::vector<std::size_t>{0, 1, 100, 50'000}));
}

TEST_F(DistributedIdsTest, a_negative_batch_is_refused) {
    const auto state = run([this]() -> pgclient::Task<std::string> {
        const auto connection = co_await connect();
        try {
            co_await generate_batch(*connection, -1);
        } catch (const pgclient::DbError& error) {
            co_return std::string(error.sqlstate());
        }
        co_return "";
    }());
    EXPECT_EQ(state, "22023");
}

}  // namespace
}  // namespace singularity::capabilities::distributed_ids

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    if (!singularity::core::environment_variable("SINGULARITY_TEST_DSN")) {
        std::puts("SINGULARITY_TEST_DSN is not set: run it through test/with_cluster");
        return 77;
    }
    return RUN_ALL_TESTS();
}
