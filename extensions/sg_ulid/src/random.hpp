// Cryptographic randomness for ids, cheap enough for millions: drawn from the server's strong source
// in blocks of 4 KiB, one block a process. Bytes are wiped as they are handed out, so memory never
// holds the randomness of an id already given away; a forked process draws a block of its own.
#pragma once

#include "extensions/sg_ulid/src/postgres.hpp"

namespace singularity::sg_ulid {

struct RandomBlock {
    std::array<std::uint8_t, 4096> bytes;
    std::size_t used = 4096;
    int owner = 0;  // process id

    // Reports an error when the system has no randomness to give.
    void refill();
};

extern RandomBlock random_block;

template <std::size_t size>
std::array<std::uint8_t, size> take_random() {
    RandomBlock& block = random_block;
    if (block.owner != MyProcPid || size > block.bytes.size() - block.used) block.refill();
    std::array<std::uint8_t, size> taken;
    std::uint8_t* source = block.bytes.data() + block.used;
    std::memcpy(taken.data(), source, size);
    std::memset(source, 0, size);  // kept by the compiler, since refill() shows the block to others
    block.used += size;
    return taken;
}

}  // namespace singularity::sg_ulid
