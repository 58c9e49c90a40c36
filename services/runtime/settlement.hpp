// A message's effect, made once: handler, inbox row, replies in the outbox, in the service's own database.
#pragma once

#include "services/runtime/gathering.hpp"
#include "services/runtime/handler.hpp"
#include "services/runtime/replies.hpp"

namespace singularity::services {

// How a consumer knows that a message has had its effect.
enum class Once {
    by_inbox,    // a row of public.inbox, in the transaction of the effect
    by_handler,  // the handler's effect is unique on the request by itself
};

class Settlement {
public:
    // `own` outlives the settlement.
    Settlement(pgclient::Pool& own, Once once, Handler handler);

    // One attempt. Kept for the next one if it fails: what the handler has returned, unless it had begun the
    // transaction. Where the message may have had its effect, that is looked up before the handler runs.
    // Throws what the handler throws, and DbError.
    pgclient::Task<void> attempt(Delivery& delivery, std::optional<Outcome>& outcome, bool may_be_done);

private:
    // A message whose effect is its replies alone.
    struct Settled {
        std::string queue, request_id;
        Replies replies;
    };

    static pgclient::Task<void> settle(pgclient::Connection& own, const std::vector<Settled*>& messages);
    pgclient::Task<void> commit(Delivery& delivery, const Outcome& outcome);

    Once once_;
    Handler handler_;
    Gathering<Settled> settled_;  // whose handlers ended at the same time: one commit
};

}  // namespace singularity::services
