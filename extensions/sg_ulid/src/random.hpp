// Cryptographic randomness for ids, cheap enough for millions: drawn from the server's strong source
// in blocks of 4 KiB, one block a process. Bytes are wiped as they are handed out, so memory never
// holds the randomness of an id already given away; a forked process draws a block of its own.
#pragma once

#include "extensions/sg_ulid/src/postgres.hpp"

namespace singularity::sg_ulid {

// Fills `out`, at most 4 KiB. Reports an error when the system has no randomness to give.
void take_random(std::span<std::uint8_t> out);

}  // namespace singularity::sg_ulid
