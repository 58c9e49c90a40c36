// Keys that make a message unique in its queue for a while: the header x-queue-unique-key, remembered in
// table queue.unique_keys with the body's hash and the id of the message that was sent with it first.
//
// A claim is an insert: whoever claims what an open transaction has claimed waits for its end. So rollbacks,
// of savepoints too, undo claims as they undo messages.
#pragma once

#include "extensions/sg_queue/src/queue_table.hpp"

namespace singularity::queue {

using BodyHash = std::array<std::byte, 32>;

struct UniqueKey {
    std::string_view key;  // lives as long as the headers
    BodyHash body;
};

// None where the headers have none. Throws 22023 for what can't be one.
std::optional<UniqueKey> unique_key_of(NullableDatum headers, NullableDatum body);

struct KeyClaim {
    UniqueKey key;
    std::size_t place;  // of the message among those of the call
    std::optional<MessageId>
        id;  // of the message, unless it is known only later; where the key was there, the first's
    bool fresh = false;  // it was not
};

// Of keys that differ, ascending, so that two batches cannot deadlock. Throws 23505 where a key was
// there and its message has another body.
void claim_keys(const OpenQueue& queue, std::span<KeyClaim> claims);
// Claims the first of them that nobody has, or is about to have, and tells how many; does not wait.
std::size_t put_new_keys(std::string_view queue, std::span<KeyClaim> claims, Time expires);
// Tells the id of a message that was sent after its claim; none: it was not sent, and the key is free.
void settle_key(const OpenQueue& queue, std::string_view key, std::optional<MessageId> id);

[[noreturn]] void throw_other_body(const OpenQueue& queue, std::string_view key);

}  // namespace singularity::queue
