// Copies a replica anew: for one whose slot was lost, or whose rows are not what was published.
//
// The subscription stays until the last step, which replaces it, empties the replica and begins the copy
// in one transaction. So a resync that was interrupted left it disabled at worst, and the next completes it.
#pragma once

#include "core/error.hpp"
#include "schema/subscriptions.hpp"

namespace singularity::schema {

// `publisher` and `subscriber` are the operator's sessions in CentralCloud's and the replica's database.
// Returns when the copy has begun. Errors: there is no such subscription, or its worker does not end.
pgclient::Task<core::Expected<void>> resync(pgclient::Connection& publisher, pgclient::Connection& subscriber,
                                            const Subscription& subscription);

// Whether the first copy is complete; looks for up to a minute.
pgclient::Task<bool> wait_for_copy(pgclient::Connection& subscriber, const Subscription& subscription);

}  // namespace singularity::schema
