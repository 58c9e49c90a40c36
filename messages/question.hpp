// Queues `question_requests`, Singularity → Nexus, and `question_responses` back: a person is asked.
#pragma once

#include <boost/describe/class.hpp>
#include <boost/json/value.hpp>

#include <string_view>
#include <vector>

#include "messages/envelope.hpp"

namespace singularity::messages {

struct QuestionRequest : Envelope {
    static constexpr std::string_view kQueue = "question_requests";

    std::string id;  // the request_id under its older name
    std::string question;
    std::vector<boost::json::value> options;  // strings, or {label, description}; none: free text
    std::optional<std::string> expires_at, on_timeout, escalate_to, job_id;
    std::vector<std::string> assignees;
    boost::json::object context;
};
BOOST_DESCRIBE_STRUCT(QuestionRequest, (Envelope),
                      (id, question, options, expires_at, on_timeout, escalate_to, job_id, assignees,
                       context))

struct QuestionResponse : Envelope {
    static constexpr std::string_view kQueue = "question_responses";

    std::string id;
    std::string response;
    std::optional<std::string> state;  // answered, expired, cancelled
    std::optional<std::string> answered_by, answered_at;
};
BOOST_DESCRIBE_STRUCT(QuestionResponse, (Envelope), (id, response, state, answered_by, answered_at))

}  // namespace singularity::messages
