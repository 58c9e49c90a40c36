#include "extensions/sg_ulid/src/random.hpp"

namespace singularity::sg_ulid {

RandomBlock random_block;

void RandomBlock::refill() {
    used = bytes.size();  // a refill that fails leaves nothing to hand out
    if (!pg_strong_random(bytes.data(), bytes.size())) {
        ereport(ERROR,
                (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not generate random values for a ULID")));
    }
    used = 0;
    owner = MyProcPid;
}

}  // namespace singularity::sg_ulid
