// SharedQueuePublisher: what an instance asks of models, people and the sandbox, and, for who takes the
// answers by hand, their reading. The names are those of the shared queue's first form.
//
// publish_* returns the message's id; errors and idempotence are Publisher's. read_* claims up to `limit`
// answers for 30 seconds; archive what was dealt with. Beside a running SharedQueueConsumer, which
// delivers answers by itself, read_* sees only what that has not taken.
#pragma once

#include <vector>

#include "messages/approval.hpp"
#include "messages/job_request.hpp"
#include "messages/job_result.hpp"
#include "messages/llm_request.hpp"
#include "messages/llm_result.hpp"
#include "messages/question.hpp"
#include "messages/registry.hpp"
#include "services/runtime/publisher.hpp"

namespace singularity::services::instance {

template <class Message>
struct Answer {
    std::int64_t msg_id;
    core::Expected<Message> message;  // or what is wrong with it
};

class SharedQueuePublisher {
public:
    using Published = pgclient::Task<core::Expected<std::int64_t>>;
    template <class Message>
    using Read = pgclient::Task<core::Expected<std::vector<Answer<Message>>>>;

    // `bus` reaches shared_queue and outlives the publisher.
    SharedQueuePublisher(pgclient::Pool& bus, bool enabled, messages::Defaults defaults)
        : bus_(bus),
          enabled_(enabled),
          instance_id_(defaults.instance_id),
          publisher_(bus, enabled, std::move(defaults)) {}

    Published publish_llm_request(const messages::LlmRequest& request) { return publisher_.publish(request); }
    Published publish_approval_request(const messages::ApprovalRequest& request) {
        return publisher_.publish(request);
    }
    Published publish_question_request(const messages::QuestionRequest& request) {
        return publisher_.publish(request);
    }
    Published publish_job_request(const messages::JobRequest& request) { return publisher_.publish(request); }

    Read<messages::LlmResult> read_llm_results(std::int32_t limit = 10) {
        return read<messages::LlmResult>(limit);
    }
    Read<messages::ApprovalResponse> read_approval_responses(std::int32_t limit = 10) {
        return read<messages::ApprovalResponse>(limit);
    }
    Read<messages::QuestionResponse> read_question_responses(std::int32_t limit = 10) {
        return read<messages::QuestionResponse>(limit);
    }
    Read<messages::JobResult> read_job_results(std::int32_t limit = 10) {
        return read<messages::JobResult>(limit);
    }

    // False where there is no such message.
    pgclient::Task<bool> archive(std::string queue, std::int64_t msg_id);

private:
    template <class Message>
    Read<Message> read(std::int32_t limit);
    pgclient::Task<core::Expected<std::vector<Answer<boost::json::value>>>> read_raw(std::string queue,
                                                                                     std::int32_t limit);

    pgclient::Pool& bus_;
    bool enabled_;
    std::string instance_id_;
    Publisher publisher_;
};

template <class Message>
SharedQueuePublisher::Read<Message> SharedQueuePublisher::read(std::int32_t limit) {
    auto raw = co_await read_raw(messages::queue_to(Message::kQueue, instance_id_), limit);
    if (!raw) co_return std::unexpected(std::move(raw.error()));
    std::vector<Answer<Message>> answers;
    for (const auto& [msg_id, body] : *raw) answers.push_back({msg_id, messages::from_json<Message>(*body)});
    co_return answers;
}

}  // namespace singularity::services::instance
