// Answers to requests, and which requests are known: what the `api` functions of an instance and of the bus
// say to role console.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pgclient/pool.hpp"

namespace singularity::services::nexus {

struct Answer {
    std::string request_id, queue;
    std::optional<std::string> agent_id;
    std::string body;  // JSON, in one line
    pgclient::Timestamp arrived_at;
};

class RequestStore {
public:
    RequestStore(const boost::asio::any_io_executor& executor, pgclient::PoolOptions instance,
                 pgclient::PoolOptions bus);

    // The first answer to each request that has one.
    boost::asio::awaitable<std::vector<Answer>> answers(std::vector<std::string> request_ids);

    // Which of them are on their way, or were: in the instance's outbox, in a queue of the bus or its
    // archive.
    boost::asio::awaitable<std::vector<std::string>> known(std::vector<std::string> request_ids);

private:
    static boost::asio::awaitable<std::vector<std::string>> ids(pgclient::Pool& database,
                                                                pgclient::Query query,
                                                                const std::vector<std::string>& request_ids);

    pgclient::Pool instance_, bus_;
};

}  // namespace singularity::services::nexus
