#include "messages/registry.hpp"

#include <algorithm>
#include <array>

namespace singularity::messages {

namespace {

constexpr std::array<QueueContract, 15> kContracts{{
    {"agent_messages", "AgentMessage", "agent_message.json", "request_id", "agent_responses"},
    {"agent_responses", "AgentResponse", "agent_response.json", "request_id", ""},
    {"approval_requests", "ApprovalRequest", "approval_request.json", "id", "approval_responses"},
    {"approval_responses", "ApprovalResponse", "approval_response.json", "id", ""},
    {"centralcloud_updates", "CentralCloudUpdate", "centralcloud_update.json", "request_id", ""},
    {"embedding_requests", "EmbeddingRequest", "embedding_request.json", "query_id", "embedding_results",
     true},
    {"embedding_results", "EmbeddingResult", "embedding_result.json", "query_id", ""},
    {"job_requests", "JobRequest", "job_request.json", "id", "job_results", false, true},
    {"job_results", "JobResult", "job_result.json", "id", ""},
    {"llm_requests", "LlmRequest", "llm_request.json", "request_id", "llm_results", true},
    {"llm_results", "LlmResult", "llm_result.json", "request_id", ""},
    {"pattern_discoveries_published", "PatternDiscovery", "pattern_discovery.json", "request_id", ""},
    {"performance_stats_published", "PerformanceStat", "performance_stat.json", "request_id", ""},
    {"question_requests", "QuestionRequest", "question_request.json", "id", "question_responses"},
    {"question_responses", "QuestionResponse", "question_response.json", "id", ""},
}};

struct Alias {
    std::string_view alias, queue;
};

constexpr std::array<Alias, 2> kAliases{{{"ai_requests", "llm_requests"}, {"ai_results", "llm_results"}}};

}  // namespace

bool brings_answers(const QueueContract& contract) {
    return std::ranges::contains(kContracts, contract.queue, &QueueContract::answers);
}

std::span<const QueueContract> queue_contracts() {
    return kContracts;
}

const QueueContract* find_contract(std::string_view queue) {
    const auto* alias = std::ranges::find(kAliases, queue, &Alias::alias);
    if (alias != kAliases.end()) queue = alias->queue;
    const auto* found = std::ranges::find(kContracts, queue, &QueueContract::queue);
    if (found != kContracts.end()) return found;
    found = std::ranges::find_if(kContracts, [queue](const QueueContract& contract) {
        return brings_answers(contract) && queue.starts_with(contract.queue) &&
               queue.substr(contract.queue.size()).starts_with('_');
    });
    return found == kContracts.end() ? nullptr : found;
}

std::string queue_to(std::string_view queue, std::string_view instance_id) {
    const QueueContract* contract = find_contract(queue);
    const bool by_name = !contract || !brings_answers(*contract) || contract->queue != queue;
    if (by_name || instance_id.empty() || instance_id == kFirstInstance) return std::string(queue);
    return std::string(queue) + "_" + std::string(instance_id);
}

}  // namespace singularity::messages
