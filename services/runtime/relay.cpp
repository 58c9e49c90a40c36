#include "services/runtime/relay.hpp"

#include <boost/asio.hpp>

#include <map>

#include "core/awaitable_operators.hpp"
#include "messages/blob_references.hpp"
#include "messages/headers.hpp"
#include "services/runtime/gathering.hpp"
#include "services/runtime/same_log.hpp"

namespace singularity::services {

using namespace core::awaitable_operators;

namespace {

constexpr pgclient::Query kPutBlob{"relay.put_blob", "select public.put_blob($1::bytea)"};
constexpr pgclient::Query kForward{"relay.forward",
                                   "select id from pgmq.send($1::text, $2::jsonb, $3::jsonb) as sent (id)"};
constexpr pgclient::Query kForwardAll{"relay.forward_all",
                                      "select id from pgmq.send_batch($1::text, $2::jsonb[], $3::jsonb[])"
                                      " with ordinality as sent (id, place) order by place"};
// Where both databases write one log: without a wait for the disk.
constexpr pgclient::Query kForwardSoon{
    "relay.forward_soon",
    "with hurry as materialized (select set_config('synchronous_commit', 'off', true))"
    " select id from hurry, pgmq.send_batch($1::text, $2::jsonb[], $3::jsonb[])"
    " with ordinality as sent (id, place) order by place"};
constexpr pgclient::Query kArchive{
    "relay.archive",
    "with hurry as materialized (select set_config('synchronous_commit', 'off', true))"
    " select pgmq.archive($1::text, $2::bigint[]) from hurry"};
// So many are enough to know of.
constexpr pgclient::Query kDeadLetters{
    "relay.dead_letters",
    "select count(*) from (select headers from pgmq.q_dead_letters limit 10000) letter"
    " where lower(headers #>> '{x-queue-dead,queue}') = lower($1::text)"};
constexpr pgclient::Query kTellDeadLetters{
    "relay.tell_dead_letters", "select public.tell_outbox_letters($1::text, $2::text, $3::bigint)"};
constexpr std::chrono::seconds kBetweenTellings{5};

struct Relayed {
    std::optional<boost::json::value> body;
    boost::json::value headers;
    std::int64_t local_id;
    std::int64_t msg_id = 0;  // on the bus
    bool archived = false;
};

boost::json::value headers_of(const std::string& target, const Claim& claim) {
    if (!claim.message || !claim.message->is_object()) return boost::json::object();
    return messages::headers_of(target, claim.message->get_object());
}

// Long strings go beside the message, in a transaction with it: as a publisher's do, so that readers see no
// difference.
pgclient::Task<std::int64_t> forward(pgclient::Pool& shared, const std::string& target, const Relayed& letter,
                                     const std::vector<messages::Blob>& blobs) {
    const auto bus = co_await shared.acquire();
    auto transaction = co_await bus->begin();
    for (const messages::Blob& blob : blobs)
        co_await bus->exec(kPutBlob, std::as_bytes(std::span(blob.bytes)));
    const auto msg_id = co_await bus->one<std::int64_t>(kForward, target, letter.body, letter.headers);
    co_await transaction.commit();
    co_return msg_id;
}

// What is ready at the same time goes to its queue together.
//
// Where the outbox is in the log of the bus, sending does not wait for the disk, and what was sent is
// archived at once: what a crash takes back there is in the outbox. It is sent again then; who reads the bus
// may still have what was lost, but its id is no other message's. Archiving needs a connection from before:
// were there a crash between the two, it would fail, and both would be done again.
class Forwarding {
public:
    // `archives`: itself what it has sent, where it can.
    Forwarding(pgclient::Pool& local, pgclient::Pool& shared, std::string local_queue, bool archives)
        : local_(local),
          shared_(shared),
          local_queue_(std::move(local_queue)),
          archives_(archives),
          same_log_(local, shared) {}

    pgclient::Task<Relayed> forward(const std::string& target, const Claim& claim) {
        Relayed letter{claim.message, headers_of(target, claim), claim.msg_id};
        std::vector<messages::Blob> blobs;
        if (letter.body && letter.body->is_object()) blobs = messages::externalise(letter.body->get_object());
        if (!blobs.empty()) {
            letter.msg_id = co_await services::forward(shared_, target, letter, blobs);
            co_return letter;
        }
        auto& letters = letters_.try_emplace(target, kPassedOn, carry_to(target)).first->second;
        co_return co_await letters.add(std::move(letter));
    }

private:
    Gathering<Relayed>::Carry carry_to(const std::string& target) {
        return [this, target](const std::vector<Relayed*>& letters) -> pgclient::Task<void> {
            const bool soon = archives_ && co_await same_log_.known();
            if (soon) co_await send_and_archive(target, letters);
            else co_await send(target, letters);
        };
    }

    pgclient::Task<void> send(const std::string& target, const std::vector<Relayed*>& letters) {
        const auto bus = co_await shared_.acquire();
        co_await send(*bus, kForwardAll, target, letters);
    }

    pgclient::Task<void> send_and_archive(const std::string& target, const std::vector<Relayed*>& letters) {
        const auto bus = co_await shared_.acquire();
        const auto local = co_await local_.acquire();
        co_await send(*bus, kForwardSoon, target, letters);
        std::vector<std::int64_t> local_ids;
        local_ids.reserve(letters.size());
        for (const Relayed* letter : letters) local_ids.push_back(letter->local_id);
        co_await local->exec(kArchive, local_queue_, local_ids);
        for (Relayed* letter : letters) letter->archived = true;
    }

    static pgclient::Task<void> send(pgclient::Connection& bus, const pgclient::Query& query,
                                     const std::string& target, const std::vector<Relayed*>& letters) {
        std::vector<std::optional<boost::json::value>> bodies;
        std::vector<boost::json::value> headers;
        for (const Relayed* letter : letters) {
            bodies.push_back(letter->body);
            headers.push_back(letter->headers);
        }
        const auto msg_ids = co_await bus.rows<std::int64_t>(query, target, bodies, headers);
        for (std::size_t i = 0; i < letters.size(); ++i) letters[i]->msg_id = msg_ids.at(i);
    }

    pgclient::Pool &local_, &shared_;
    std::string local_queue_;
    bool archives_;
    SameLog same_log_;
    std::map<std::string, Gathering<Relayed>> letters_;  // by queue: what one refuses is no other's affair
};

ConsumerOptions relay_options(const core::Config& config, const Route& route) {
    ConsumerOptions options = consumer_options(config, route.local_queue, kPassedOn);
    options.once = Once::by_handler;
    options.validated = false;
    return options;
}

Handler carry(pgclient::Pool& local, pgclient::Pool& shared, Route route, Carried carried) {
    const auto forwarding = std::make_shared<Forwarding>(local, shared, route.local_queue, !carried);
    return [forwarding, route = std::move(route),
            carried = std::move(carried)](Delivery& delivery) -> pgclient::Task<Outcome> {
        const Claim& claim = delivery.claim();
        const std::string target =
            route.shared_queue.empty() ? std::string(header(claim, "x-outbox-queue")) : route.shared_queue;
        if (target.empty()) throw Refused("the message does not say to which queue it goes");
        const Relayed letter = co_await forwarding->forward(target, claim);
        if (carried) co_await carried(claim, letter.msg_id);
        co_return Outcome{.archived = letter.archived};
    };
}

}  // namespace

Relay::Relay(Service& service, Bus local, pgclient::Pool& shared, Route route, Carried carried)
    : service_(service),
      local_(local.queues),
      shared_(shared),
      local_queue_(route.local_queue),
      consumer_(service, std::move(local), relay_options(service.config(), route),
                carry(local_, shared, route, std::move(carried))) {}

boost::asio::awaitable<void> Relay::run() {
    if (!service_.config().shared_queue_enabled) co_return co_await service_.stay_off_the_bus();
    co_await (consumer_.run() && tell_dead_letters());
}

boost::asio::awaitable<void> Relay::tell_dead_letters() {
    const std::string part = "dead letters of " + local_queue_;
    boost::asio::steady_timer timer(service_.executor());
    co_await service_.repeat(part, [&]() -> boost::asio::awaitable<void> {
        std::int64_t letters = 0;
        {
            const auto local = co_await local_.acquire();
            letters = co_await local->one<std::int64_t>(kDeadLetters, local_queue_);
        }
        {
            const auto bus = co_await shared_.acquire();
            co_await bus->exec(kTellDeadLetters, local_queue_, service_.config().instance_id, letters);
        }
        service_.health().well(part);
        timer.expires_after(kBetweenTellings);
        co_await timer.async_wait(boost::asio::use_awaitable);
    });
}

std::unique_ptr<Relay> make_relay(Service& service, Bus local, pgclient::Pool& shared, Route route,
                                  Carried carried) {
    return std::make_unique<Relay>(service, std::move(local), shared, std::move(route), std::move(carried));
}

}  // namespace singularity::services
