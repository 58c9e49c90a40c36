#include "services/runtime/batch_handler.hpp"

#include <boost/asio.hpp>

#include <algorithm>

#include "services/runtime/replies.hpp"

namespace singularity::services::detail {

namespace {

using pgclient::Connection;
using pgclient::Query;
using pgclient::Task;

// In one order, so that two services that handle the same messages don't wait for each other in a ring.
constexpr Query kEnter{
    "batch.enter",
    "insert into public.inbox (queue, request_id)"
    " select queue, request_id from unnest($1::text[], $2::text[]) as given (queue, request_id)"
    " order by queue, request_id on conflict do nothing returning request_id"};
constexpr Query kReply{"batch.reply",
                       "select public.put_in_outbox(reply.queue, reply.body)"
                       " from unnest($1::text[], $2::jsonb[]) as reply (queue, body)"};
constexpr Query kResults{
    "batch.results",
    "update public.inbox i set result = given.result"
    " from unnest($1::text[], $2::text[], $3::jsonb[]) as given (queue, request_id, result)"
    " where i.queue = given.queue and i.request_id = given.request_id"};

}  // namespace

Task<std::vector<std::size_t>> enter(Connection& own, std::vector<const BatchMember*> members) {
    std::vector<std::string> queues, request_ids;
    for (const BatchMember* member : members) {
        queues.push_back(member->queue);
        request_ids.push_back(member->request_id);
    }
    std::vector<std::size_t> fresh;
    for (const std::string& entered : co_await own.rows<std::string>(kEnter, queues, request_ids)) {
        const auto first = std::ranges::find(request_ids, entered);
        fresh.push_back(static_cast<std::size_t>(first - request_ids.begin()));
    }
    std::ranges::sort(fresh);
    co_return fresh;
}

Task<void> reply(Connection& own, std::vector<const BatchMember*> members) {
    std::vector<std::string> queues, request_ids, reply_queues;
    std::vector<std::optional<boost::json::value>> results;
    std::vector<boost::json::value> bodies;
    for (const BatchMember* member : members) {
        const Replies replies = complete_replies(member->request_id, member->body, member->outcome);
        if (replies.bodies.empty()) continue;
        queues.push_back(member->queue);
        request_ids.push_back(member->request_id);
        results.push_back(remembered(replies));
        std::ranges::copy(replies.queues, std::back_inserter(reply_queues));
        std::ranges::copy(replies.bodies, std::back_inserter(bodies));
    }
    if (bodies.empty()) co_return;
    co_await own.exec(kReply, reply_queues, bodies);
    co_await own.exec(kResults, queues, request_ids, results);
}

}  // namespace singularity::services::detail
