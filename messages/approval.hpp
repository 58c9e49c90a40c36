// Queues `approval_requests`, Singularity → Nexus, and `approval_responses` back: a person decides on a
// change of a file.
#pragma once

#include <boost/describe/class.hpp>

#include <string_view>
#include <vector>

#include "messages/envelope.hpp"

namespace singularity::messages {

struct ApprovalRequest : Envelope {
    static constexpr std::string_view kQueue = "approval_requests";

    std::string id;  // the request_id under its older name
    std::string file_path, diff, description;
    std::optional<std::string> expires_at;
    std::optional<std::string> on_timeout, escalate_to;  // reject, approve, escalate (to whom)
    std::optional<std::string> base_sha256;              // of the file that the diff applies to
    std::optional<std::string> risk;                     // low, medium, high
    std::optional<std::string> job_id;
    std::vector<std::string> assignees;
    std::optional<std::int64_t> required_approvals;
    boost::json::object context;  // what helps to decide
};
BOOST_DESCRIBE_STRUCT(ApprovalRequest, (Envelope),
                      (id, file_path, diff, description, expires_at, on_timeout, escalate_to, base_sha256,
                       risk, job_id, assignees, required_approvals, context))

struct ApprovalResponse : Envelope {
    static constexpr std::string_view kQueue = "approval_responses";

    std::string id;
    bool approved = false;
    std::optional<std::string> state;  // approved, rejected, expired, cancelled, superseded
    std::optional<std::string> comment, edited_diff, decided_by, decided_at;
};
BOOST_DESCRIBE_STRUCT(ApprovalResponse, (Envelope),
                      (id, approved, state, comment, edited_diff, decided_by, decided_at))

}  // namespace singularity::messages
