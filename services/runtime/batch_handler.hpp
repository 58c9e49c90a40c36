// Messages that take effect together: rows of the inbox, effects and replies of all in one transaction.
//
//     auto store = [](std::span<const PerformanceStat> some, pgclient::Connection& own) -> Task<void> { … };
//     const ConsumerOptions options = batch_options(config, "performance_stats_published");
//     Consumer consumer(service, bus, options, batch_handler<PerformanceStat>(own, options.batch, store));
//
// A batch is what is ready at the same moment: nobody waits for company. `store` works in the batch's
// transaction and neither begins nor ends it. Messages that had their effect before are not among those that
// it gets, and none is there twice. It returns nothing, or a vector of results in their order, each as a
// handler of one message would return it. Where a batch fails, each of its messages is tried in a transaction
// of its own, so that failures are counted, and messages buried, one by one; so `store` may see a message
// again that was rolled back.
#pragma once

#include <memory>
#include <span>
#include <stdexcept>

#include "services/runtime/gathering.hpp"
#include "services/runtime/handler.hpp"

namespace singularity::services {

namespace detail {

struct BatchMember {
    std::string queue, request_id;
    boost::json::object body;
    Outcome outcome = {};
};

template <class Message>
struct TypedMember : BatchMember {
    Message message = {};
};

// Writes rows of the inbox. The places of those members that had none, ascending.
pgclient::Task<std::vector<std::size_t>> enter(pgclient::Connection& own,
                                               std::vector<const BatchMember*> members);

pgclient::Task<void> reply(pgclient::Connection& own, std::vector<const BatchMember*> members);

template <class Message, class Function>
pgclient::Task<void> handle_batch(pgclient::Pool& own, const Function& function,
                                  std::vector<TypedMember<Message>*> members) {
    const auto session = co_await own.acquire();
    auto transaction = co_await session->begin();
    const auto fresh = co_await enter(*session, {members.begin(), members.end()});
    std::vector<Message> messages;
    messages.reserve(fresh.size());
    for (const std::size_t place : fresh) messages.push_back(members[place]->message);
    using Result = typename std::invoke_result_t<const Function&, std::span<const Message>,
                                                 pgclient::Connection&>::value_type;
    if (messages.empty()) {
        // All had their effect before.
    } else if constexpr (std::is_void_v<Result>) {
        co_await function(std::span<const Message>(messages), *session);
    } else {
        const Result results = co_await function(std::span<const Message>(messages), *session);
        if (results.size() != fresh.size()) throw std::logic_error("a batch has as many results as messages");
        std::vector<const BatchMember*> answered;
        for (std::size_t i = 0; i < fresh.size(); ++i) {
            members[fresh[i]]->outcome = outcome_of(results[i]);
            answered.push_back(members[fresh[i]]);
        }
        co_await reply(*session, std::move(answered));
    }
    co_await transaction.commit();
}

}  // namespace detail

// At most `most` messages a transaction. `own`, which has the inbox, outlives the handler. It makes effects
// once by itself: Once::by_handler.
template <class Message, class Function>
Handler batch_handler(pgclient::Pool& own, std::size_t most, Function function) {
    using Member = detail::TypedMember<Message>;
    auto batches = std::make_shared<Gathering<Member>>(
        most, [&own, function = std::move(function)](const std::vector<Member*>& members) {
            return detail::handle_batch<Message>(own, function, members);
        });
    return [batches = std::move(batches)](Delivery& delivery) -> pgclient::Task<Outcome> {
        Member member{{delivery.queue(), delivery.request_id(), delivery.body()},
                      detail::typed<Message>(delivery.body())};
        co_await batches->add(std::move(member));
        co_return Outcome{};
    };
}

}  // namespace singularity::services
