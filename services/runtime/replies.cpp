#include "services/runtime/replies.hpp"

#include "messages/publishing.hpp"
#include "messages/registry.hpp"

namespace singularity::services {

namespace {

void inherit(boost::json::object& reply, const boost::json::object& request, std::string_view field) {
    if (const auto* known = reply.if_contains(field); known && !known->is_null()) return;
    if (const auto* value = request.if_contains(field)) reply[field] = *value;
}

}  // namespace

// What a reply does not say of whose it is, its request does.
Replies complete_replies(const std::string& request_id, const boost::json::object& request,
                         const Outcome& outcome) {
    Replies replies;
    for (const Outgoing& outgoing : outcome.replies) {
        boost::json::object body = outgoing.body;
        if (messages::request_id_of(body).empty()) body["request_id"] = request_id;
        for (const std::string_view field : {"instance_id", "agent_id", "traceparent"}) {
            inherit(body, request, field);
        }
        body.emplace("agent_id", nullptr);  // nobody's: who delivers it need not ask whose it is
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

std::optional<boost::json::value> remembered(const Replies& replies) {
    if (replies.bodies.empty()) return std::nullopt;
    return boost::json::value(boost::json::array(replies.bodies.begin(), replies.bodies.end()));
}

}  // namespace singularity::services
