// Finding messages that can be claimed, and claiming or removing them.
#pragma once

#include "extensions/sg_queue/src/rows.hpp"
#include "extensions/sg_queue/src/taking.hpp"
#include "extensions/sg_queue/src/transaction.hpp"

namespace singularity::queue {

// What a reader wants.
struct Wanted {
    std::uint64_t limit;
    std::optional<std::int64_t> hide_seconds;  // until others are offered it again; none: remove it
    Jsonb* conditional = nullptr;              // what the message must contain
};

// Claims what is due and hands over each row, as it is now, in the order of claims. Skips what others have
// locked. Returns whether messages were there that it could not have.
bool claim_due(const OpenQueue& queue, const Wanted& wanted, std::vector<Row>& rows);

// The same by groups: of each, no message without those before it. Only where this transaction has not
// touched the queue, and sees what others commit.
bool claim_grouped(const OpenQueue& queue, const Wanted& wanted, GroupOrder order, std::vector<Row>& rows);

// A message by its id, as this transaction sees it, wherever it lies.
Row locate(const OpenQueue& queue, MessageId id);

Standing standing_of(const OpenQueue& queue, const Row& row);

// Puts every message of a table into its index, once after a restart. Returns at once where that was done.
void fill_index(const OpenQueue& queue);

// Changes a message that was located, following it where others move it; waits for who has it locked. False
// where it is gone.
template <class Change>
bool change_located(const OpenQueue& queue, MessageId id, Row& row, Change change) {
    const bool in_memory = queue.shared().rules.in_memory;
    if (in_memory) fill_index(queue);
    const Taking taking(queue.shared());
    Candidate* taken = in_memory ? take_to_change(queue.shared(), id, false) : nullptr;
    for (row = locate(queue, id); row; row = locate(queue, id)) {
        if (in_memory && !taken && (taken = take_to_change(queue.shared(), id, true))) continue;
        const Version before = row.version;
        const std::uint32_t epoch = queue.shared().epoch;
        const Standing standing = standing_of(queue, row);
        const Changed outcome = pg::call([&] { return change(row); });
        if (outcome == Changed::gone) return false;
        if (outcome != Changed::yes) continue;
        const bool deleted = row.version.place == before.place;
        const auto after = deleted ? std::nullopt : std::optional(row.version);
        if (taken) note_claim(queue.shared(), *taken, after);
        else note_change(queue.shared(), epoch, id, before, after, standing);
        return true;
    }
    return false;
}

// Whether messages are due.
bool has_ready(SharedQueue& queue);
// Whether messages are due that have no slots: nobody can list those.
bool has_marked_due(SharedQueue& queue);

// Reads the marked block that has to be read before the next message can be told; false: there is none.
bool read_marked_block(const OpenQueue& queue);
// Counts again what a marked block holds and no slot tells of: by how many messages its mark was wrong.
std::int64_t recount_marked_block(const OpenQueue& queue, std::uint32_t block);

}  // namespace singularity::queue
