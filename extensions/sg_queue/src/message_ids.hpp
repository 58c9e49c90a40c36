// Which messages a function is about: its second argument, an id or an array of them.
#pragma once

#include "extensions/sg_queue/src/message.hpp"
#include "extensions/sg_queue/src/server.hpp"

namespace singularity::queue {

namespace pg = pgbackend;

using Ids = std::span<const MessageId>;

// In their order, each once; null stands for none.
std::vector<MessageId> ids_from(const pg::FunctionCall& fn);

}  // namespace singularity::queue
