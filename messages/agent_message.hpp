// Queues `agent_messages`, agent → agent through Nexus, and `agent_responses` back.
#pragma once

#include <boost/describe/class.hpp>
#include <boost/json/value.hpp>

#include <string_view>

#include "messages/envelope.hpp"

namespace singularity::messages {

// The sender is the envelope's agent_id.
struct AgentMessage : Envelope {
    static constexpr std::string_view kQueue = "agent_messages";

    std::string to;           // an agent's id, capability:NAME, region:CELL, or all
    boost::json::value body;  // a string or an object
    std::optional<std::string> subject, in_reply_to, expires_at;
};
BOOST_DESCRIBE_STRUCT(AgentMessage, (Envelope), (to, body, subject, in_reply_to, expires_at))

// The envelope's agent_id is the agent that wrote the message; request_id is the message's.
struct AgentResponse : Envelope {
    static constexpr std::string_view kQueue = "agent_responses";

    boost::json::value body;
    std::optional<std::string> to;     // the agent that is answered
    std::optional<std::string> from;   // the agent that answers
    std::optional<ResultError> error;  // nobody was there, nobody answered in time
};
BOOST_DESCRIBE_STRUCT(AgentResponse, (Envelope), (body, to, from, error))

}  // namespace singularity::messages
