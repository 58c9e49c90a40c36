// What Nexus reads for people: the `api` views of every database, as role console, and nothing else.
#pragma once

#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pgclient/pool.hpp"
#include "services/runtime/service.hpp"

namespace singularity::services::nexus {

struct QueueRow {
    std::string queue;
    std::int64_t waiting, visible, total;
    std::optional<std::int64_t> oldest_seconds;
};

struct PatternRow {
    std::string name, ecosystem;
    double confidence;
    std::optional<std::int64_t> files;
    std::optional<std::string> description;
};

struct CandidateCount {
    std::string status;
    std::int64_t patterns;
};

struct DeadLetterCount {
    std::string queue;
    std::int64_t letters;
};

struct SlotRow {
    std::string slot;
    bool active;
    std::int64_t lag_bytes, retained_bytes;
};

struct AlarmRow {
    std::string alarm, queue, measure;
    double value;
};

// One bucket of a queue's histogram. Ascending in each queue, the last bound is infinite.
struct LatencyBucket {
    std::string queue;
    double bound;
    std::int64_t messages_within;
    double seconds_sum;  // of the whole queue
};

class Store {
public:
    explicit Store(Service& service);

    // Asks every database once and tells the service's health of each; then waits for the next look.
    boost::asio::awaitable<void> check();

    boost::asio::awaitable<std::vector<QueueRow>> queues();
    // The instance's replica: its most confident 200, and how many there are.
    boost::asio::awaitable<std::vector<PatternRow>> approved_patterns();
    boost::asio::awaitable<std::int64_t> approved_count();
    boost::asio::awaitable<std::vector<CandidateCount>> candidates();
    boost::asio::awaitable<std::vector<DeadLetterCount>> dead_letters();
    boost::asio::awaitable<std::vector<AlarmRow>> alarms();
    boost::asio::awaitable<std::vector<LatencyBucket>> latencies();
    boost::asio::awaitable<std::vector<SlotRow>> slots();

private:
    pgclient::Pool& database(std::string_view part) { return pools_.find(part)->second; }

    Service& service_;
    std::map<std::string, pgclient::Pool, std::less<>> pools_;  // by part
    boost::asio::steady_timer timer_;
};

}  // namespace singularity::services::nexus
