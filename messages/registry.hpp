// The queues of the bus and their contracts: which messages travel through each, and by which field they are
// known. Adding a queue: a struct with its kQueue, a schema in schemas/, a line in registry.cpp.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace singularity::messages {

struct QueueContract {
    std::string_view queue;
    std::string_view message;  // the struct, and the schema's title
    std::string_view schema;   // its file in schemas/
    std::string_view key;      // the field that tells messages apart: request_id, or an older name of it
    std::string_view answers;  // the queue through which answers come; empty: none are expected
    bool routed = false;       // model and provider are chosen by Nexus where they are not named
    bool agents_take_turns = false;  // at its reader; otherwise instances do
};

// All of them, by name.
std::span<const QueueContract> queue_contracts();

// By a queue's name, an alias of it (ai_requests, ai_results), or the name of an instance's own queue
// (llm_results_b); null where there is none.
const QueueContract* find_contract(std::string_view queue);

// Whether messages of this queue answer others: then each bears the id of the request that it answers.
bool brings_answers(const QueueContract& contract);

// Whose queues have no instance in their names.
inline constexpr std::string_view kFirstInstance = "singularity";

// The queue through which what is sent to `queue` reaches an instance: of answers, each instance but the
// first has its own, <queue>_<instance>.
std::string queue_to(std::string_view queue, std::string_view instance_id);

}  // namespace singularity::messages
