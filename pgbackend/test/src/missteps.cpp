// What only a build for sanitizers notices; test/sanitized_test proves that it does.
#include "pgbackend/function.hpp"

namespace singularity::pgbackend {

SG_FUNCTION(bridge_read_beyond) {
    const std::vector<std::int8_t> bytes(8);
    const std::int8_t* end = bytes.data() + bytes.size();
    return fn.ret(std::int32_t{end[fn.arg<std::int32_t>(0)]});
}

SG_FUNCTION(bridge_shift) {
    return fn.ret(1 << fn.arg<std::int32_t>(0));
}

}  // namespace singularity::pgbackend
