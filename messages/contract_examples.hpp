// For tests: a message of each queue as its sender writes it. Those of llm_*, embedding_* and
// centralcloud_updates are the messages that existing clients send.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <map>
#include <string>

namespace singularity::messages {

inline const std::map<std::string, std::string, std::less<>>& contract_examples() {
    static const std::map<std::string, std::string, std::less<>> examples{
        {"llm_requests", R"({"request_id": "550e8400-e29b-41d4-a716-446655440000", "task_type": "architect",
            "messages": [{"role": "user", "content": "Design a scalable API architecture"}],
            "model": "auto", "provider": "auto", "enqueued_at": "2025-10-25T11:00:00Z"})"},
        {"llm_results", R"({"request_id": "550e8400-e29b-41d4-a716-446655440000",
            "response": "Here's an architecture design...", "model": "claude-opus", "tokens_used": 1250,
            "cost_cents": 50, "timestamp": "2025-10-25T11:00:05Z"})"},
        {"embedding_requests", R"({"query_id": "550e8400-e29b-41d4-a716-446655440001",
            "query": "async request handling", "model": "qodo", "received_at": "2025-10-25T11:00:00Z"})"},
        {"embedding_results", R"({"query_id": "550e8400-e29b-41d4-a716-446655440001",
            "embedding": [0.123, 0.456, 0, 0.789], "embedding_dim": 2560, "timestamp": "2025-10-25T11:00:05Z"})"},
        {"centralcloud_updates", R"({"instance_id": "singularity", "patterns": [{"name": "retry"}],
            "insights": ["retries are rare"], "timestamp": "2025-10-25T11:00:00Z",
            "event_type": "knowledge_update"})"},
        {"approval_requests",
         R"({"id": "7", "file_path": "lib/a.ex", "diff": "-a\n+b", "description": "b is right"})"},
        {"approval_responses", R"({"id": "7", "approved": false, "comment": "a is"})"},
        {"question_requests", R"({"id": "8", "question": "Which?", "options": ["a", {"label": "b"}]})"},
        {"question_responses", R"({"id": "8", "response": "a"})"},
        {"job_requests", R"({"id": "9", "language": "elixir", "code": "IO.puts 1"})"},
        {"job_results", R"({"id": "9", "verdict": "ok", "stdout": "1\n", "exit_code": 0})"},
        {"agent_messages", R"({"to": "capability:review", "body": {"file": "lib/a.ex"}})"},
        {"agent_responses", R"({"request_id": "10", "body": "looks good"})"},
        {"performance_stats_published", R"({"instance_id": "singularity", "language": "rust",
            "status": "completed", "execution_time_ms": 12})"},
        {"pattern_discoveries_published", R"({"instance_id": "singularity", "incarnation":
            "01ARZ3NDEKTSV4RRFFQ69G5FAV", "name": "retry/bounded-3fa9c1", "ecosystem": "cpp", "revision": 1,
            "confidence": 0.8, "evidence": []})"},
    };
    return examples;
}

inline boost::json::object contract_example(std::string_view queue) {
    return boost::json::parse(contract_examples().find(queue)->second).as_object();
}

}  // namespace singularity::messages
