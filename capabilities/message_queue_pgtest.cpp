#include "capabilities/message_queue.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio.hpp>
#include <boost/json.hpp>
#include <cstdio>
#include <optional>
#include <stdexcept>
#include <vector>

#include "core/config.hpp"
#include "pgclient/connection.hpp"

namespace singularity::capabilities::message_queue {
namespace {

using pgclient::Task;

constexpr std::string_view kQueue = "cc-instance-patterns";

// Runs a coroutine to its end and throws what it threw.
void run(Task<void> task) {
    boost::asio::io_context context;
    std::exception_ptr error;
    boost::asio::co_spawn(context, std::move(task), [&](std::exception_ptr thrown) { error = thrown; });
    context.run();
    if (error) std::rethrow_exception(error);
}

// A database of its own with one queue; dropped at the end. Each test is a coroutine on one connection.
class MessageQueueTest : public testing::Test {
protected:
    void SetUp() override {
        administer("create database " + database_);
        on_queue([](pgclient::Connection& connection) -> Task<void> {
            co_await connection.script("create extension sg_queue");
            co_await create_queue(connection, kQueue);
        });
    }

    void TearDown() override { administer("drop database " + database_ + " with (force)"); }

    template <class Work>
    void on_queue(Work work) {
        run([](std::string dsn, Work& body) -> Task<void> {
            const auto connection = co_await pgclient::Connection::open({.dsn = dsn});
            co_await body(*connection);
        }(dsn_ + " dbname=" + database_, work));
    }

private:
    void administer(const std::string& statement) {
        run([](std::string dsn, std::string sql) -> Task<void> {
            const auto connection = co_await pgclient::Connection::open({.dsn = dsn});
            co_await connection->script(sql);
        }(dsn_, statement));
    }

    const std::string dsn_ = core::environment_variable("SINGULARITY_TEST_DSN").value();
    const std::string database_ = "message_queue_" + std::to_string(::getpid());
};

Task<void> send_numbers(pgclient::Connection& connection, int count) {
    for (int i = 1; i <= count; ++i) co_await send(connection, kQueue, i);
}

TEST_F(MessageQueueTest, creating_a_queue_again_keeps_its_messages) {
    on_queue([](pgclient::Connection& connection) -> Task<void> {
        co_await send(connection, kQueue, "kept");
        co_await create_queue(connection, kQueue);
        EXPECT_EQ((co_await queue_stats(connection, kQueue)).total_messages, 1);
    });
}

TEST_F(MessageQueueTest, a_received_message_is_hidden_until_it_is_given_back) {
    on_queue([](pgclient::Connection& connection) -> Task<void> {
        const boost::json::value body{{"pattern", {{"name", "retry"}}}};
        const MessageId sent = co_await send(connection, kQueue, body);
        const auto received = co_await receive_message(connection, kQueue);
        EXPECT_EQ(received->msg_id, sent);
        EXPECT_EQ(received->message, body);
        EXPECT_FALSE(co_await receive_message(connection, kQueue));
        EXPECT_TRUE(co_await nack(connection, kQueue, sent));
        EXPECT_EQ((co_await receive_message(connection, kQueue))->msg_id, sent);
    });
}

TEST_F(MessageQueueTest, an_acknowledged_message_is_gone) {
    on_queue([](pgclient::Connection& connection) -> Task<void> {
        const MessageId sent = co_await send(connection, kQueue, nullptr);
        EXPECT_TRUE(co_await acknowledge(connection, kQueue, sent));
        EXPECT_FALSE(co_await acknowledge(connection, kQueue, sent));
        EXPECT_FALSE(co_await nack(connection, kQueue, sent));
        EXPECT_FALSE(co_await receive_message(connection, kQueue));
    });
}

TEST_F(MessageQueueTest, a_batch_is_handled_in_order_and_what_is_not_handled_comes_back) {
    on_queue([](pgclient::Connection& connection) -> Task<void> {
        co_await send_numbers(connection, 5);
        std::vector<std::int64_t> seen;
        const auto odd = [&seen](const Message& message) {
            seen.push_back(message.message.as_int64());
            return seen.back() % 2 == 1;
        };
        EXPECT_EQ(co_await process_batch(connection, kQueue, odd, 4), 2);
        EXPECT_EQ(seen, (std::vector<std::int64_t>{1, 2, 3, 4}));
        seen.clear();
        EXPECT_EQ(co_await process_batch(connection, kQueue, odd), 1);
        EXPECT_EQ(seen, (std::vector<std::int64_t>{2, 4, 5}));
        EXPECT_EQ((co_await queue_stats(connection, kQueue)).total_messages, 2);
    });
}

TEST_F(MessageQueueTest, a_handler_that_throws_loses_nothing) {
    on_queue([](pgclient::Connection& connection) -> Task<void> {
        co_await send_numbers(connection, 3);
        const auto fails_at_two = [](const Message& message) -> bool {
            if (message.message.as_int64() == 2) throw std::runtime_error("no room");
            return true;
        };
        std::string failure;
        try {
            co_await process_batch(connection, kQueue, fails_at_two);
        } catch (const std::runtime_error& error) {
            failure = error.what();
        }
        EXPECT_EQ(failure, "no room");
        EXPECT_EQ((co_await receive_message(connection, kQueue))->message, 2);
        EXPECT_EQ((co_await receive_message(connection, kQueue))->message, 3);
        EXPECT_FALSE(co_await receive_message(connection, kQueue));
    });
}

TEST_F(MessageQueueTest, statistics_tell_what_is_in_flight_and_what_is_available) {
    on_queue([](pgclient::Connection& connection) -> Task<void> {
        co_await send_numbers(connection, 5);
        co_await receive_message(connection, kQueue);
        co_await receive_message(connection, kQueue);
        const QueueStats stats = co_await queue_stats(connection, kQueue);
        EXPECT_EQ(stats.total_messages, 5);
        EXPECT_EQ(stats.in_flight, 2);
        EXPECT_EQ(stats.available, 3);
        EXPECT_TRUE(co_await queue_backed_up(connection, kQueue, 2));
        EXPECT_FALSE(co_await queue_backed_up(connection, kQueue, 3));
        EXPECT_FALSE(co_await queue_backed_up(connection, kQueue));
    });
}

TEST_F(MessageQueueTest, what_rolls_back_was_not_sent) {
    on_queue([](pgclient::Connection& connection) -> Task<void> {
        {
            auto transaction = co_await connection.begin();
            co_await send(connection, kQueue, "never");
            co_await transaction.rollback();
        }
        EXPECT_FALSE(co_await receive_message(connection, kQueue));
    });
}

TEST_F(MessageQueueTest, a_queue_that_is_not_there_is_told_as_such) {
    on_queue([](pgclient::Connection& connection) -> Task<void> {
        std::string state;
        try {
            co_await receive_message(connection, "elsewhere");
        } catch (const pgclient::DbError& error) {
            state = error.sqlstate();
        }
        EXPECT_EQ(state, "42P01");
    });
}

}  // namespace
}  // namespace singularity::capabilities::message_queue

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    if (!singularity::core::environment_variable("SINGULARITY_TEST_DSN")) {
        std::puts("SINGULARITY_TEST_DSN is not set: run it through test/with_cluster");
        return 77;
    }
    return RUN_ALL_TESTS();
}
