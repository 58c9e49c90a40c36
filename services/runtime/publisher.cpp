#include "services/runtime/publisher.hpp"

#include <boost/asio.hpp>

#include "core/format.hpp"
#include "messages/form_check.hpp"
#include "messages/headers.hpp"
#include "pgclient/error.hpp"

namespace singularity::services {

namespace {

using core::ErrorCode;
using pgclient::Query;
using pgclient::Task;

constexpr Query kSend{"publisher.send",
                      "select id from pgmq.send($1::text, $2::jsonb, $3::jsonb) as sent (id)"};
constexpr Query kSendBatch{"publisher.send_batch",
                           "select id from pgmq.send_batch($1::text, $2::jsonb[], $3::jsonb[])"
                           " with ordinality as sent (id, place) order by place"};
constexpr Query kPutBlob{"publisher.put_blob", "select public.put_blob($1::bytea)"};

constexpr std::size_t kMostAtOnce = 64;

core::Expected<Letter> letter(std::string_view queue, boost::json::object body,
                              const messages::Defaults& defaults) {
    auto completed = messages::complete(queue, std::move(body), defaults);
    if (!completed) return std::unexpected(std::move(completed.error()));
    if (auto problems = messages::form_problems(queue, *completed); !problems.empty())
        return core::failure(ErrorCode::invalid_input, core::format("the message can't go to {}", queue),
                             std::move(problems));
    Letter letter;
    letter.headers = messages::headers_of(queue, *completed);
    letter.blobs = messages::externalise(*completed);
    letter.body = std::move(*completed);
    return letter;
}

// What the server refuses for what was asked, as an error; anything else breaks underneath.
core::Error refusal(const pgclient::DbError& error, const std::string& queue) {
    constexpr std::string_view kKeyTaken = "23505", kNoQueue = "42P01", kNoRight = "42501";
    const std::string& state = error.sqlstate();
    if (error.cause() != pgclient::Cause::server) throw error;
    if (state == kNoQueue) return {ErrorCode::not_found, core::format("there is no queue \"{}\"", queue), {}};
    if (state == kKeyTaken) {
        return {
            ErrorCode::refused, "this request_id was published before, with another body", {error.message()}};
    }
    if (state == kNoRight) return {ErrorCode::refused, error.message(), {}};
    if (state.starts_with("22") || state.starts_with("54"))
        return {ErrorCode::invalid_input, error.message(), {}};
    throw error;
}

Task<void> put_blobs(pgclient::Connection& bus, const Letter& letter) {
    for (const messages::Blob& blob : letter.blobs)
        co_await bus.exec(kPutBlob, std::as_bytes(std::span(blob.bytes)));
}

Task<void> send(pgclient::Connection& bus, const std::string& queue, std::vector<Letter*> letters) {
    if (letters.size() == 1) {
        Letter& letter = *letters[0];
        letter.msg_id = co_await bus.one<std::int64_t>(kSend, queue, letter.body, letter.headers);
        co_return;
    }
    std::vector<boost::json::value> bodies, headers;
    for (const Letter* letter : letters) {
        bodies.push_back(letter->body);
        headers.push_back(letter->headers);
    }
    const auto msg_ids = co_await bus.rows<std::int64_t>(kSendBatch, queue, bodies, headers);
    for (std::size_t i = 0; i < letters.size(); ++i) letters[i]->msg_id = msg_ids.at(i);
}

// In a transaction only where there is more than one statement.
Task<void> post(pgclient::Pool& pool, const std::string& queue, std::vector<Letter*> letters) {
    const auto bus = co_await pool.acquire();
    if (std::ranges::all_of(letters, [](const Letter* letter) { return letter->blobs.empty(); })) {
        co_return co_await send(*bus, queue, std::move(letters));
    }
    auto transaction = co_await bus->begin();
    for (const Letter* letter : letters) co_await put_blobs(*bus, *letter);
    co_await send(*bus, queue, std::move(letters));
    co_await transaction.commit();
}

}  // namespace

core::Error publishing_disabled() {
    return {ErrorCode::refused, "the shared queue is disabled: set shared_queue.enabled to use it", {}};
}

Publisher::Publisher(pgclient::Pool& bus, bool enabled, messages::Defaults defaults)
    : bus_(bus), enabled_(enabled), defaults_(std::move(defaults)) {}

Task<core::Expected<std::int64_t>> Publisher::publish(std::string queue, boost::json::object body) {
    if (!enabled_) co_return std::unexpected(publishing_disabled());
    auto made = letter(queue, std::move(body), defaults_);
    if (!made) co_return std::unexpected(std::move(made.error()));
    std::optional<core::Error> refused;
    try {
        const Letter sent = co_await letters_to(queue).add(std::move(*made));
        co_return sent.msg_id;
    } catch (const pgclient::DbError& error) {
        refused = refusal(error, queue);
    }
    co_return std::unexpected(std::move(*refused));
}

Gathering<Letter>& Publisher::letters_to(const std::string& queue) {
    const auto found = letters_.find(queue);
    if (found != letters_.end()) return found->second;
    Gathering<Letter>::Carry carry = [this, queue](const std::vector<Letter*>& letters) {
        return post(bus_, queue, letters);
    };
    return letters_.try_emplace(queue, kMostAtOnce, std::move(carry)).first->second;
}

Task<core::Expected<std::vector<std::int64_t>>> Publisher::publish_batch(
    std::string queue, std::vector<boost::json::object> bodies) {
    if (!enabled_) co_return std::unexpected(publishing_disabled());
    std::vector<Letter> letters;
    for (std::size_t i = 0; i < bodies.size(); ++i) {
        auto made = letter(queue, std::move(bodies[i]), defaults_);
        if (!made) {
            core::Error error = std::move(made.error());
            if (bodies.size() > 1) error.message = core::format("message {}: {}", i + 1, error.message);
            co_return std::unexpected(std::move(error));
        }
        letters.push_back(std::move(*made));
    }
    std::vector<std::int64_t> msg_ids;
    if (letters.empty()) co_return msg_ids;
    std::vector<Letter*> pointers;
    pointers.reserve(letters.size());
    for (Letter& letter : letters) pointers.push_back(&letter);
    std::optional<core::Error> refused;
    try {
        co_await post(bus_, queue, pointers);
        for (const Letter& letter : letters) msg_ids.push_back(letter.msg_id);
        co_return msg_ids;
    } catch (const pgclient::DbError& error) {
        refused = refusal(error, queue);
    }
    co_return std::unexpected(std::move(*refused));
}

}  // namespace singularity::services
