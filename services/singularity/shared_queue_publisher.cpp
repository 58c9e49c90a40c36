#include "services/singularity/shared_queue_publisher.hpp"

#include <boost/asio.hpp>

#include "core/format.hpp"

namespace singularity::services::instance {

namespace {

constexpr pgclient::Query kRead{"shared_queue_publisher.read",
                                "select msg_id, message from pgmq.read($1::text, 30, $2::integer)"};
constexpr pgclient::Query kArchiveMessage{"shared_queue_publisher.archive",
                                          "select pgmq.archive($1::text, $2::bigint)"};

struct Row {
    std::int64_t msg_id;
    std::optional<boost::json::value> message;
};

}  // namespace

pgclient::Task<core::Expected<std::vector<Answer<boost::json::value>>>> SharedQueuePublisher::read_raw(
    std::string queue, std::int32_t limit) {
    using core::ErrorCode;
    if (!enabled_) co_return std::unexpected(publishing_disabled());
    if (limit < 0) {
        co_return core::failure(ErrorCode::invalid_input,
                                core::format("limit is {}; it must not be negative", limit));
    }
    const auto session = co_await bus_.acquire();
    std::vector<Answer<boost::json::value>> answers;
    for (Row& row : co_await session->rows<Row>(kRead, queue, limit)) {
        answers.push_back({row.msg_id, std::move(row.message).value_or(nullptr)});
    }
    co_return answers;
}

pgclient::Task<bool> SharedQueuePublisher::archive(std::string queue, std::int64_t msg_id) {
    const auto session = co_await bus_.acquire();
    co_return co_await session->one<bool>(kArchiveMessage, queue, msg_id);
}

}  // namespace singularity::services::instance
