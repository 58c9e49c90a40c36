#include "services/runtime/settlement.hpp"

#include <boost/asio.hpp>

#include <algorithm>
#include <set>

#include "core/clock.hpp"

namespace singularity::services {

namespace {

using pgclient::Query;
using pgclient::Task;

constexpr std::size_t kMostAtOnce = 64;

constexpr Query kDone{"settlement.done",
                      "select exists (select from public.inbox where queue = $1 and request_id = $2)"};
// Messages without another effect, all in one statement: rows of the inbox, and the replies where they are
// new. In one order, so that two services that settle the same messages don't wait for each other in a ring.
constexpr Query kSettle{
    "settlement.settle",
    "insert into public.inbox (queue, request_id)"
    " select queue, request_id from unnest($1::text[], $2::text[]) as given (queue, request_id)"
    " order by queue, request_id on conflict do nothing"};
constexpr Query kSettleAndReply{
    "settlement.settle_and_reply",
    "with taken as (insert into public.inbox (queue, request_id, result)"
    "  select queue, request_id, result"
    "  from unnest($1::text[], $2::text[], $3::jsonb[]) as given (queue, request_id, result)"
    "  order by queue, request_id on conflict do nothing returning queue, request_id)"
    " select public.put_in_outbox(reply.queue, reply.body)"
    " from unnest($4::text[], $5::text[], $6::text[], $7::jsonb[]) as reply (request_queue, request_id, "
    "queue, body)"
    " join taken on taken.queue = reply.request_queue and taken.request_id = reply.request_id"};
constexpr Query kResult{"settlement.result",
                        "update public.inbox set result = $3 where queue = $1 and request_id = $2"};
constexpr Query kReply{"settlement.reply",
                       "select public.put_in_outbox(reply.queue, reply.body)"
                       " from unnest($1::text[], $2::jsonb[]) as reply (queue, body)"};

}  // namespace

std::string reason_of(const core::Error& error) {
    std::string reason = error.message;
    for (const std::string& detail : error.details) reason += "; " + detail;
    return reason;
}

Settlement::Settlement(pgclient::Pool& own, Once once, Handler handler)
    : once_(once),
      handler_(std::move(handler)),
      settled_(kMostAtOnce, [&own](const std::vector<Settled*>& messages) -> Task<void> {
          const auto session = co_await own.acquire();
          co_await settle(*session, messages);
      }) {}

// The same message may be there twice: the first one's replies are sent.
Task<void> Settlement::settle(pgclient::Connection& own, const std::vector<Settled*>& messages) {
    std::vector<std::string> queues, request_ids, reply_to_queues, reply_to_ids, reply_queues;
    std::vector<std::optional<boost::json::value>> results;
    std::vector<boost::json::value> bodies;
    std::set<std::pair<std::string_view, std::string_view>> known;
    for (const Settled* message : messages) {
        if (!known.emplace(message->queue, message->request_id).second) continue;
        queues.push_back(message->queue);
        request_ids.push_back(message->request_id);
        results.push_back(remembered(message->replies));
        std::ranges::copy(message->replies.queues, std::back_inserter(reply_queues));
        std::ranges::copy(message->replies.bodies, std::back_inserter(bodies));
        reply_to_queues.resize(bodies.size(), message->queue);
        reply_to_ids.resize(bodies.size(), message->request_id);
    }
    if (bodies.empty()) co_await own.exec(kSettle, queues, request_ids);
    else
        co_await own.exec(kSettleAndReply, queues, request_ids, results, reply_to_queues, reply_to_ids,
                          reply_queues, bodies);
}

Task<void> Settlement::attempt(Delivery& delivery, std::optional<Outcome>& outcome, bool may_be_done) {
    if (once_ == Once::by_inbox && may_be_done && !outcome) {
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

Task<void> Settlement::commit(Delivery& delivery, const Outcome& outcome) {
    if (once_ == Once::by_handler && !delivery.transaction_ && outcome.replies.empty()) co_return;
    Replies replies = complete_replies(delivery.request_id(), delivery.body(), outcome);
    if (!delivery.transaction_) {
        Settled settled{delivery.queue(), delivery.request_id(), std::move(replies)};
        co_await settled_.add(std::move(settled));
        co_return;
    }
    const auto& own = *delivery.lease_;
    if (!replies.queues.empty()) {
        co_await own->exec(kReply, replies.queues, replies.bodies);
        co_await own->exec(kResult, delivery.queue(), delivery.request_id(), remembered(replies));
    }
    co_await delivery.transaction_->commit();
    delivery.transaction_.reset();
    delivery.lease_.reset();
}

}  // namespace singularity::services
