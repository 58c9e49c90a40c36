#include "services/runtime/settlement.hpp"

#include <boost/asio.hpp>

#include "core/clock.hpp"
#include "messages/publishing.hpp"
#include "messages/registry.hpp"

namespace singularity::services {

namespace {

using pgclient::Query;
using pgclient::Task;

constexpr Query kDone{"settlement.done",
                      "select exists (select from public.inbox where queue = $1 and request_id = $2)"};
// Effect-free messages in one statement: the row of the inbox, and the replies where it is new.
constexpr Query kSettle{"settlement.settle",
                        "insert into public.inbox (queue, request_id, result) values ($1, $2, $3)"
                        " on conflict do nothing"};
constexpr Query kSettleAndReply{
    "settlement.settle_and_reply",
    "with taken as (insert into public.inbox (queue, request_id, result) values ($1, $2, $3)"
    "  on conflict do nothing returning 1)"
    " select public.put_in_outbox(reply.queue, reply.body)"
    " from taken, unnest($4::text[], $5::jsonb[]) as reply (queue, body)"};
constexpr Query kResult{"settlement.result",
                        "update public.inbox set result = $3 where queue = $1 and request_id = $2"};
constexpr Query kReply{"settlement.reply",
                       "select public.put_in_outbox(reply.queue, reply.body)"
                       " from unnest($1::text[], $2::jsonb[]) as reply (queue, body)"};

struct Replies {
    std::vector<std::string> queues;
    std::vector<boost::json::value> bodies;
};

void inherit(boost::json::object& reply, const boost::json::object& request, std::string_view field) {
    if (const auto* known = reply.if_contains(field); known && !known->is_null()) return;
    if (const auto* value = request.if_contains(field)) reply[field] = *value;
}

// What a reply does not say of whose it is, its request does.
Replies complete(const Delivery& delivery, const Outcome& outcome) {
    Replies replies;
    for (const Outgoing& outgoing : outcome.replies) {
        boost::json::object body = outgoing.body;
        if (messages::request_id_of(body).empty()) body["request_id"] = delivery.request_id();
        for (const std::string_view field : {"instance_id", "agent_id", "traceparent"}) {
            inherit(body, delivery.body(), field);
        }
        auto completed = messages::complete(outgoing.queue, std::move(body), {});
        if (!completed)
            throw std::runtime_error("the reply is no message of its queue: " + reason_of(completed.error()));
        const auto* instance = completed->if_contains("instance_id");
        const bool named = instance && instance->is_string();
        replies.queues.push_back(messages::queue_to(outgoing.queue, named ? instance->get_string() : ""));
        replies.bodies.emplace_back(std::move(*completed));
    }
    return replies;
}

// What the inbox remembers: the replies.
boost::json::value remembered(const Replies& replies) {
    return replies.bodies.empty()
               ? boost::json::value()
               : boost::json::value(boost::json::array(replies.bodies.begin(), replies.bodies.end()));
}

}  // namespace

std::string reason_of(const core::Error& error) {
    std::string reason = error.message;
    for (const std::string& detail : error.details) reason += "; " + detail;
    return reason;
}

Task<void> Settlement::attempt(Delivery& delivery, std::optional<Outcome>& outcome) const {
    if (once_ == Once::by_inbox && delivery.claim().read_ct > 1 && !outcome) {
        const auto own = co_await delivery.own_.acquire();
        if (co_await own->one<bool>(kDone, delivery.queue(), delivery.request_id())) co_return;
    }
    if (!outcome) outcome = co_await handler_(delivery);
    const bool runs_again = delivery.transaction_.has_value();
    try {
        co_await commit(delivery, *outcome);
    } catch (...) {
        if (runs_again) outcome.reset();
        throw;
    }
}

Task<void> Settlement::commit(Delivery& delivery, const Outcome& outcome) const {
    if (once_ == Once::by_handler && !delivery.transaction_ && outcome.replies.empty()) co_return;
    const Replies replies = complete(delivery, outcome);
    const std::optional<boost::json::value> result =
        replies.bodies.empty() ? std::nullopt : std::optional(remembered(replies));
    if (!delivery.transaction_) {
        const auto own = co_await delivery.own_.acquire();
        if (replies.queues.empty()) {
            co_await own->exec(kSettle, delivery.queue(), delivery.request_id(), result);
        } else {
            co_await own->exec(kSettleAndReply, delivery.queue(), delivery.request_id(), result,
                               replies.queues, replies.bodies);
        }
        co_return;
    }
    const auto& own = *delivery.lease_;
    if (!replies.queues.empty()) {
        co_await own->exec(kReply, replies.queues, replies.bodies);
        co_await own->exec(kResult, delivery.queue(), delivery.request_id(), result);
    }
    co_await delivery.transaction_->commit();
    delivery.transaction_.reset();
    delivery.lease_.reset();
}

}  // namespace singularity::services
