#include "services/runtime/relay.hpp"

#include <boost/asio.hpp>

#include "messages/publishing.hpp"

namespace singularity::services {

namespace {

constexpr pgclient::Query kForward{"relay.forward",
                                   "select id from pgmq.send($1::text, $2::jsonb, $3::jsonb) as sent (id)"};

boost::json::value headers_of(const Claim& claim) {
    boost::json::object headers;
    if (!claim.message || !claim.message->is_object()) return headers;
    const boost::json::object& body = claim.message->get_object();
    if (const std::string id = messages::request_id_of(body); !id.empty()) headers["x-queue-unique-key"] = id;
    for (const auto& [field, name] :
         {std::pair{"instance_id", "x-pgmq-group"}, std::pair{"traceparent", "traceparent"}}) {
        const auto* value = body.if_contains(field);
        if (value && value->is_string()) headers[name] = *value;
    }
    return headers;
}

}  // namespace

std::unique_ptr<Consumer> make_relay(Service& service, Bus local, pgclient::Pool& shared, Route route,
                                     Carried carried) {
    ConsumerOptions options = consumer_options(service.config(), route.local_queue);
    options.once = Once::by_handler;
    options.validated = false;
    Handler forward = [&shared, route, carried](Delivery& delivery) -> pgclient::Task<Outcome> {
        const Claim& claim = delivery.claim();
        const std::string target =
            route.shared_queue.empty() ? std::string(header(claim, "x-outbox-queue")) : route.shared_queue;
        if (target.empty()) throw Refused("the message does not say to which queue it goes");
        std::int64_t msg_id = 0;
        {
            const auto bus = co_await shared.acquire();
            msg_id = co_await bus->one<std::int64_t>(kForward, target, claim.message, headers_of(claim));
        }
        if (carried) co_await carried(claim, msg_id);
        co_return Outcome{};
    };
    return std::make_unique<Consumer>(service, std::move(local), std::move(options), std::move(forward));
}

}  // namespace singularity::services
