// What a consumer does in the database of its queue.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "pgclient/pool.hpp"
#include "services/runtime/claim.hpp"

namespace singularity::services {

class QueueStore {
public:
    // `pool` outlives the store.
    QueueStore(pgclient::Pool& pool, std::string queue, std::chrono::milliseconds visibility);

    // On the consumer's own session, in order of who is next. Where there is none, it waits for one up to
    // `at_most_for`, in a transaction.
    pgclient::Task<std::vector<Claim>> read(pgclient::Connection& session, std::size_t at_most,
                                            std::chrono::seconds at_most_for = {}) const;
    // Sleeps until the queue has a message, or the time is up. Throws DbError 0A000 where nobody wakes
    // readers: a queue that SQL serves.
    pgclient::Task<bool> wait(pgclient::Connection& session, std::chrono::seconds at_most) const;

    // By their hashes (64 hexadecimal digits). Those that are not there are left out.
    pgclient::Task<std::map<std::string, std::string>> blobs(std::vector<std::string> hashes);

    pgclient::Task<void> archive(const std::vector<std::int64_t>& msg_ids);
    // The claims last from now on as long as new ones.
    pgclient::Task<void> extend(const std::vector<std::int64_t>& msg_ids);
    pgclient::Task<void> retry(const Claim& claim, std::chrono::milliseconds delay,
                               const std::string& reason);
    pgclient::Task<void> bury(const Claim& claim, const std::string& reason);
    // As if they had never been claimed.
    pgclient::Task<void> give_back(std::span<const Claim* const> claims);

private:
    pgclient::Pool& pool_;
    std::string queue_;
    std::int32_t visibility_seconds_;
};

}  // namespace singularity::services
