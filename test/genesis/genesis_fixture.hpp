// Genesis' consumer on a bootstrapped cluster, with a runner that does as the test says.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "backbone.hpp"
#include "messages/job_request.hpp"
#include "services/genesis/shared_queue_consumer.hpp"

namespace singularity::services::genesis {

using boost::asio::awaitable;

class GenesisPg : public ::testing::Test {
protected:
    GenesisPg();

    // Sends them to the bus, as a publisher does.
    void ask(std::vector<messages::JobRequest> requests);
    static messages::JobRequest job(std::string id, std::string code = "1");

    // Serves until `watch` returns.
    void serve_while(std::function<awaitable<void>(Service&)> watch);
    // Serves until this holds in database genesis.
    void serve_until(std::string condition);
    awaitable<void> until(std::string condition);

    static awaitable<void> pause(std::chrono::milliseconds time);

    // What the outbox has for the asker of a job: its verdicts, separated by blanks.
    std::string verdicts(const std::string& id);
    // One value of database genesis.
    std::string value(const std::string& sql) { return own_.value(sql); }

    schema::test::Database own_{"genesis", "genesis"};
    schema::test::Database bus_{"shared_queue", "singularity"};
    core::Config config_;
    core::JobBounds bounds_{.boxes = 4, .memory_mb = 1024, .per_agent = 4};
    Runner runner_;
    std::map<std::string, int> runs_;  // how often each job was begun
};

// What the fake says of a run that is well.
messages::JobResult ok(const messages::JobRequest& request);

}  // namespace singularity::services::genesis
