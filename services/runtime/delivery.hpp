// One message on its way through its handler: what it says, and the transaction in which it takes effect.
#pragma once

#include <boost/json/object.hpp>

#include <optional>
#include <stdexcept>
#include <string>

#include "pgclient/pool.hpp"
#include "pgclient/transaction.hpp"
#include "services/runtime/claim.hpp"

namespace singularity::services {

// Thrown by a handler: the message is at fault and would fail again. It goes to the dead letters.
struct Refused : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Thrown by Delivery::transaction() through the handler: the message has had its effect before.
struct AlreadyDone {};

class Delivery {
public:
    Delivery(const std::string& queue, const Claim& claim, boost::json::object body, pgclient::Pool& own);

    const std::string& queue() const { return queue_; }
    const Claim& claim() const { return claim_; }
    // Valid by the queue's schema, with blobs in their places.
    const boost::json::object& body() const { return body_; }
    const std::string& request_id() const { return request_id_; }

    // The service's database in the transaction of this message's effect: what is done in it happens once,
    // with the message's row in the inbox, however often the message comes. Commits when the handler has
    // returned, together with its replies. A handler may be run again after a transaction that failed.
    pgclient::Task<pgclient::Connection*> transaction();

private:
    friend class Settlement;

    const std::string& queue_;
    const Claim& claim_;
    boost::json::object body_;
    std::string request_id_;
    pgclient::Pool& own_;
    std::optional<pgclient::Lease> lease_;
    std::optional<pgclient::Transaction> transaction_;
};

}  // namespace singularity::services
