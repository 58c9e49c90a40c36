// What a call of a model used, in one form for every provider: the six counts don't overlap, except that
// `output_tokens` holds `reasoning_tokens`.
#pragma once

#include <boost/describe/class.hpp>

#include <cstdint>
#include <optional>

namespace singularity::messages {

struct ModelUsage {
    std::optional<std::int64_t> input_tokens{};  // read afresh, not from a cache
    std::optional<std::int64_t> cache_read_tokens{}, cache_write_5m_tokens{}, cache_write_1h_tokens{};
    std::optional<std::int64_t> output_tokens{}, reasoning_tokens{};
};
BOOST_DESCRIBE_STRUCT(ModelUsage, (),
                      (input_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens,
                       output_tokens, reasoning_tokens))

}  // namespace singularity::messages
