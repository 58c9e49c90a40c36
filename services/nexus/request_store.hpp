// Answers to requests, and what else became of them: what the `api` functions of an instance and of the bus
// say to role console. That an answer was taken is noted as role nexus.
#pragma once

#include <deque>
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
    std::optional<pgclient::Timestamp> taken_at;
};

// Of a request that has no answer.
struct Standing {
    std::string request_id, state;             // pending, expired, dead
    std::optional<std::string> queue, reason;  // in which queue and why it, or its answer, died
    std::optional<std::int32_t> attempts;
    std::optional<pgclient::Timestamp> died_at;
};

class RequestStore {
public:
    // `answering` are the databases whose outboxes carry answers; `taker` reaches the instance as nexus.
    RequestStore(const boost::asio::any_io_executor& executor, pgclient::PoolOptions instance,
                 pgclient::PoolOptions bus, std::vector<pgclient::PoolOptions> answering,
                 pgclient::PoolOptions taker);

    // The first answer to each request that has one.
    boost::asio::awaitable<std::vector<Answer>> answers(std::vector<std::string> request_ids);

    // Of those that the instance or the bus knows: in an outbox, a queue or its archive, or ended otherwise.
    boost::asio::awaitable<std::vector<Standing>> standings(std::vector<std::string> request_ids);

    // The dead ones of them.
    boost::asio::awaitable<std::vector<Standing>> dead(std::vector<std::string> request_ids);

    // False where there is no answer that could be taken.
    boost::asio::awaitable<bool> take(std::string request_id);

private:
    static boost::asio::awaitable<std::vector<Standing>> ask(pgclient::Pool& database, pgclient::Query query,
                                                             const std::vector<std::string>& request_ids);
    boost::asio::awaitable<std::vector<Standing>> ask_both(pgclient::Query here, pgclient::Query on_the_bus,
                                                           std::vector<std::string> request_ids);

    boost::asio::awaitable<std::vector<Standing>> with_dead_answers(std::vector<Standing> told,
                                                                    std::vector<std::string> request_ids);

    pgclient::Pool instance_, bus_, taker_;
    std::deque<pgclient::Pool> answering_;
};

}  // namespace singularity::services::nexus
