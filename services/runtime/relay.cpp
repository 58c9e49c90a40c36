#include "services/runtime/relay.hpp"

#include <boost/asio.hpp>

#include "messages/blob_references.hpp"
#include "messages/headers.hpp"

namespace singularity::services {

namespace {

constexpr pgclient::Query kPutBlob{"relay.put_blob", "select public.put_blob($1::bytea)"};
constexpr pgclient::Query kForward{"relay.forward",
                                   "select id from pgmq.send($1::text, $2::jsonb, $3::jsonb) as sent (id)"};

boost::json::value headers_of(const std::string& target, const Claim& claim) {
    if (!claim.message || !claim.message->is_object()) return boost::json::object();
    return messages::headers_of(target, claim.message->get_object());
}

// Long strings go beside the message, in a transaction with it: as a publisher's do, so that readers see no
// difference. Returns the id there.
pgclient::Task<std::int64_t> forward(pgclient::Pool& shared, const std::string& target, const Claim& claim) {
    std::optional<boost::json::value> body = claim.message;
    std::vector<messages::Blob> blobs;
    if (body && body->is_object()) blobs = messages::externalise(body->get_object());
    const auto bus = co_await shared.acquire();
    if (blobs.empty())
        co_return co_await bus->one<std::int64_t>(kForward, target, body, headers_of(target, claim));
    auto transaction = co_await bus->begin();
    for (const messages::Blob& blob : blobs)
        co_await bus->exec(kPutBlob, std::as_bytes(std::span(blob.bytes)));
    const auto msg_id = co_await bus->one<std::int64_t>(kForward, target, body, headers_of(target, claim));
    co_await transaction.commit();
    co_return msg_id;
}

}  // namespace

std::unique_ptr<Consumer> make_relay(Service& service, Bus local, pgclient::Pool& shared, Route route,
                                     Carried carried) {
    ConsumerOptions options = consumer_options(service.config(), route.local_queue);
    options.once = Once::by_handler;
    options.validated = false;
    Handler carry = [&shared, route, carried](Delivery& delivery) -> pgclient::Task<Outcome> {
        const Claim& claim = delivery.claim();
        const std::string target =
            route.shared_queue.empty() ? std::string(header(claim, "x-outbox-queue")) : route.shared_queue;
        if (target.empty()) throw Refused("the message does not say to which queue it goes");
        const std::int64_t msg_id = co_await forward(shared, target, claim);
        if (carried) co_await carried(claim, msg_id);
        co_return Outcome{};
    };
    return std::make_unique<Consumer>(service, std::move(local), std::move(options), std::move(carry));
}

}  // namespace singularity::services
