// Identifiers that several instances and sessions make without asking each other: ULIDs, which tell when
// they were made and sort by it (docs/ulid.md).
//
// Batch and correlation ids come from the one sequence of the server: each is greater than every one that
// it returned before, to whomever. Trace ids leave the system, with requests to providers, and
// a sequence would tell how many others were made in between: they are random below the millisecond.
//
// The functions that take a connection are faces of sg_ulid's SQL functions and throw what the connection
// throws; the others contact nobody.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>
#include <vector>

#include "algo/ulid.hpp"
#include "core/clock.hpp"
#include "core/error.hpp"
#include "pgclient/query.hpp"

namespace singularity::pgclient {
class Connection;
}

namespace singularity::capabilities::distributed_ids {

// For a session or a batch: gen_monotonic_ulid().
pgclient::Task<algo::Ulid> generate_batch_id(pgclient::Connection& connection);

// For the requests and answers that belong together: gen_monotonic_ulid().
pgclient::Task<algo::Ulid> generate_correlation_id(pgclient::Connection& connection);

// For a distributed trace, whose id is sixteen bytes too (W3C Trace Context): gen_ulid().
pgclient::Task<algo::Ulid> generate_trace_id(pgclient::Connection& connection);

// `count` ids in increasing order: gen_ulids(). Throws DbError (22023) for a negative count.
pgclient::Task<std::vector<algo::Ulid>> generate_batch(pgclient::Connection& connection, std::int64_t count);

// The id that a text stands for; invalid_input says in one sentence what is wrong with it.
core::Expected<algo::Ulid> parse(std::string_view text);

// When the id was made, in milliseconds since 1970.
core::Expected<std::int64_t> ulid_timestamp(std::string_view text);

// Seconds since the id was made; negative for an id from a clock that is ahead of ours.
double age_seconds(const algo::Ulid& ulid, core::Timestamp now = core::now());

// Whether the id was made no longer ago than `seconds`. One from the future is recent.
bool recent(const algo::Ulid& ulid, std::chrono::seconds seconds, core::Timestamp now = core::now());

}  // namespace singularity::capabilities::distributed_ids
