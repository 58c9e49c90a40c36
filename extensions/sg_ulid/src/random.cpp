#include "extensions/sg_ulid/src/random.hpp"

namespace singularity::sg_ulid {
namespace {

struct Block {
    std::array<std::uint8_t, 4096> bytes;
    std::size_t used = 4096;
    int owner = 0;  // process id
};

Block block;

void refill() {
    block.used = block.bytes.size();  // a refill that fails leaves nothing to hand out
    if (!pg_strong_random(block.bytes.data(), block.bytes.size())) {
        ereport(ERROR,
                (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not generate random values for a ULID")));
    }
    block.used = 0;
    block.owner = MyProcPid;
}

}  // namespace

void take_random(std::span<std::uint8_t> out) {
    if (block.owner != MyProcPid || out.size() > block.bytes.size() - block.used) refill();
    std::uint8_t* source = block.bytes.data() + block.used;
    std::memcpy(out.data(), source, out.size());
    explicit_bzero(source, out.size());
    block.used += out.size();
}

}  // namespace singularity::sg_ulid
