// A message as a consumer has claimed it: its own for as long as the claim lasts, and told from a later
// claim of the same message by its read count.
#pragma once

#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

#include "pgclient/types.hpp"

namespace singularity::services {

struct Claim {
    std::int64_t msg_id;
    std::int32_t read_ct;  // this read included
    pgclient::Timestamp enqueued_at;
    std::optional<boost::json::value> message;
    std::optional<boost::json::value> headers;
};

// A string of the headers; empty where there is none.
std::string_view header(const Claim& claim, std::string_view name);

// How often a handler failed on it and said so.
int failures(const Claim& claim);

// How many earlier claims ended without a word: whoever had it was killed, or cut off for longer than the
// claim lasted. What ends its handler's process looks like this, and so do its neighbours.
int silent_ends(const Claim& claim);

}  // namespace singularity::services
