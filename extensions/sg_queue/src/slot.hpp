// A message's place in its queue's index.
#pragma once

#include <span>

#include "extensions/sg_queue/src/message.hpp"

namespace singularity::queue {

enum class SlotState : std::uint8_t { unused, fresh, held, waiting, ready };

struct Slot {
    MessageId id;
    Time due;
    std::uint32_t block;
    std::uint16_t offset;
    std::int8_t priority;
    SlotState state : 7;
    bool claimed : 1;                  // by the version that counts, or by who holds it
    std::uint32_t position_or_ticket;  // in its heap, or of who has it
    std::uint32_t next;                // in its bucket, or in the list of unused slots

    Order order() const { return {priority, id}; }
    // In nobody's hands.
    bool is_idle() const { return state == SlotState::ready || state == SlotState::waiting; }
    // Claimed and neither finished nor visible again.
    bool in_flight() const { return claimed && state != SlotState::ready && state != SlotState::unused; }
};
static_assert(sizeof(Slot) == 32);

constexpr std::uint32_t kNoSlot = UINT32_MAX;

}  // namespace singularity::queue
