// What the tests' sessions and their worker share.
#pragma once

#include "pgbackend/shared.hpp"

namespace singularity::pgbackend {

struct Board {
    explicit Board(LockTranche tranche) noexcept : tranche_id(tranche.id), lock(tranche), heap(tranche) {}

    int tranche_id;
    SharedLock lock;
    SharedHeap heap;
    dsa_pointer note = InvalidDsaPointer;
    std::atomic<std::int64_t> ticks = 0;
    std::atomic<std::int32_t> depth_seen = 0;
    std::atomic<bool> worker_must_fail = false;
};

inline Board& board() {
    static Board& board = shared_segment<Board>("sg_bridge_test/board/1");
    return board;
}

}  // namespace singularity::pgbackend
