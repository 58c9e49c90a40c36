// How messages are sent, whatever form of send was called.
#pragma once

#include "extensions/sg_queue/src/queue_table.hpp"

namespace singularity::queue {

struct NewMessage {
    NullableDatum message, headers;
    std::optional<MessageId> id = std::nullopt;  // given beforehand, or the sequence's next when it is sent
};

// Past the executor. Each message has its id then.
void send_directly(const OpenQueue& queue, std::span<NewMessage> messages, Time due);

// The ids that were taken last from the queue's sequence are no other message's ever, whatever becomes of
// this transaction: who still knows of a message that a crash took back does not end another one.
void keep_ids(const OpenQueue& queue);

// Whether headers ask for a unique key, a good one or not.
bool is_keyed(NullableDatum headers);
// Messages some of which are keyed: those whose key was there are not sent, and have the first one's id. A
// message that SQL did not send, since its table refused it silently, has no id.
void send_unique(const OpenQueue& queue, std::span<NewMessage> messages, Time due);

}  // namespace singularity::queue
