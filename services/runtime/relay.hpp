// The outbox's relay: carries what was committed with a business row to the bus.
//
// It is a consumer of a local queue whose effect is a message elsewhere, unique on its request: sent again
// after a crash, it has no second effect. Bodies beyond 64 KB travel as a publisher's do (publisher.hpp).
// What the bus refuses for what it says goes to the local dead letters. How many there are is told to the bus
// every few seconds, where alarms see it: what died on its way may be an answer that somebody waits for.
#pragma once

#include <functional>
#include <memory>

#include "services/runtime/consumer.hpp"

namespace singularity::services {

struct Route {
    std::string local_queue = "outbox";
    std::string shared_queue = {};  // empty: the one that the message's header x-outbox-queue names
};

// Told of each message that is on the bus, with its id there; may happen more than once for one message.
using Carried = std::function<pgclient::Task<void>(const Claim& claim, std::int64_t shared_msg_id)>;

class Relay {
public:
    Relay(Service& service, Bus local, pgclient::Pool& shared, Route route, Carried carried);

    // Until cancelled, as Consumer's.
    boost::asio::awaitable<void> run();

private:
    boost::asio::awaitable<void> tell_dead_letters();

    Service& service_;
    pgclient::Pool &local_, &shared_;
    std::string local_queue_;
    Consumer consumer_;
};

// `local` is the bus of the local queue; `shared` reaches shared_queue and outlives the relay.
std::unique_ptr<Relay> make_relay(Service& service, Bus local, pgclient::Pool& shared, Route route,
                                  Carried carried = {});

}  // namespace singularity::services
