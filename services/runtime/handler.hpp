// What a service does with a message: one function from a typed message to a result.
//
//     auto add = [](const messages::JobRequest& job, Delivery& delivery) -> Task<messages::JobResult> { … };
//     Consumer consumer(service, bus, options, handler<messages::JobRequest>(add));
//
// A message may stay a boost::json::object, with the fields that its type does not know. The result is void,
// a message (whose type says through which queue it goes), or an Outcome. Replies are committed with the
// effect and then sent. What a handler throws decides what becomes of the message: Refused and DbErrors that
// are about content bury it; a lost database has the handler run again once it is back; anything else is a
// failure, tried again later.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "messages/json_mapping.hpp"
#include "services/runtime/delivery.hpp"

namespace singularity::services {

struct Outgoing {
    std::string queue;
    boost::json::object body;
};

struct Outcome {
    std::vector<Outgoing> replies = {};
    bool archived = false;  // by the handler
};

using Handler = std::function<pgclient::Task<Outcome>(Delivery&)>;

template <class Message>
Outgoing outgoing(const Message& message) {
    return {std::string(Message::kQueue), messages::to_json(message)};
}

// Why an error is one, in a sentence.
std::string reason_of(const core::Error& error);

namespace detail {

inline Outcome outcome_of(Outcome outcome) {
    return outcome;
}

template <class Message>
Outcome outcome_of(const Message& message) {
    return {.replies = {outgoing(message)}};
}

template <class Message>
Message typed(const boost::json::object& body) {
    if constexpr (std::is_same_v<Message, boost::json::object>) return body;
    else {
        auto message = messages::from_json<Message>(body);
        if (!message) throw Refused(reason_of(message.error()));
        return std::move(*message);
    }
}

}  // namespace detail

template <class Message, class Function>
Handler handler(Function function) {
    return [function = std::move(function)](Delivery& delivery) -> pgclient::Task<Outcome> {
        const Message message = detail::typed<Message>(delivery.body());
        using Result = typename std::invoke_result_t<const Function&, const Message&, Delivery&>::value_type;
        if constexpr (std::is_void_v<Result>) {
            co_await function(message, delivery);
            co_return Outcome{};
        } else {
            co_return detail::outcome_of(co_await function(message, delivery));
        }
    };
}

}  // namespace singularity::services
