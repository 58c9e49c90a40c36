// A message's effect, made once: handler, inbox row, replies in the outbox, in the service's own database.
#pragma once

#include "services/runtime/handler.hpp"

namespace singularity::services {

// How a consumer knows that a message has had its effect.
enum class Once {
    by_inbox,    // a row of public.inbox, in the transaction of the effect
    by_handler,  // the handler's effect is unique on the request by itself
};

class Settlement {
public:
    Settlement(Once once, Handler handler) : once_(once), handler_(std::move(handler)) {}

    // One attempt. Kept for the next one if it fails: what the handler has returned, unless it had begun the
    // transaction. Throws what the handler throws, and DbError.
    pgclient::Task<void> attempt(Delivery& delivery, std::optional<Outcome>& outcome) const;

private:
    pgclient::Task<void> commit(Delivery& delivery, const Outcome& outcome) const;

    Once once_;
    Handler handler_;
};

}  // namespace singularity::services
