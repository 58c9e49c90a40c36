#include "services/runtime/queue_reader.hpp"

#include <boost/asio.hpp>

namespace singularity::services {

namespace asio = boost::asio;

namespace {

constexpr pgclient::Query kRead{
    "queue_reader.read",
    "select msg_id, read_ct, message from pgmq.read($1::text, $2::integer, $3::integer)"};
constexpr pgclient::Query kArchive{"queue_reader.archive", "select pgmq.archive($1::text, $2::bigint[])"};

// pgmq's channel for inserts: lower-case, as the queue's table is.
std::string insert_channel(std::string queue) {
    std::ranges::transform(queue, queue.begin(), [](unsigned char letter) { return std::tolower(letter); });
    return "pgmq.q_" + queue + ".INSERT";
}

}  // namespace

QueueReader::QueueReader(Service& service, pgclient::Pool& pool, pgclient::ConnectOptions listen,
                         QueueOptions options)
    : service_(service),
      pool_(pool),
      options_(std::move(options)),
      listener_(std::move(listen), {insert_channel(options_.queue)}),
      wakeup_(service.executor()) {}

asio::awaitable<void> QueueReader::listen() {
    for (;;) {
        co_await listener_.next();
        wakeup_.notify();
    }
}

asio::awaitable<std::vector<QueueMessage>> QueueReader::next() {
    const auto claims_end = std::chrono::steady_clock::now() + options_.visibility;
    for (;;) {
        const bool last = std::chrono::steady_clock::now() >= claims_end;
        auto messages = co_await read();
        if (last || !messages.empty()) co_return messages;
        co_await wakeup_.wait(options_.poll);
    }
}

asio::awaitable<std::vector<QueueMessage>> QueueReader::read() {
    std::vector<QueueMessage> messages;
    co_await service_.attempt("queue " + options_.queue, [&]() -> asio::awaitable<void> {
        const auto lease = co_await pool_.acquire();
        messages = co_await lease->rows<QueueMessage>(
            kRead, options_.queue, static_cast<std::int32_t>(options_.visibility.count()), options_.batch);
    });
    co_return messages;
}

asio::awaitable<void> QueueReader::archive(std::vector<std::int64_t> msg_ids) {
    if (msg_ids.empty()) co_return;
    const auto lease = co_await pool_.acquire();
    co_await lease->exec(kArchive, options_.queue, msg_ids);
}

}  // namespace singularity::services
