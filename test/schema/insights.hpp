// Statistics as they lie in Genesis' replicas, put there without a publisher, and the insights drawn from
// them.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "backbone.hpp"

namespace singularity::schema::test {

class Insights : public testing::Test {
protected:
    // The schedule would draw insights between a test's steps.
    static void SetUpTestSuite();
    void SetUp() override { clear(); }
    void TearDown() override { clear(); }

    void clear();

    // Jobs of window `number`, of which 0 is at noon. Differences from a job that went well are pairs of
    // names and values, in SQL, over i: "'status', 'failed', 'execution_time_ms', i".
    void jobs(int number, int count, std::string_view expressions = "");
    // The window as CentralCloud would publish it, over the rows that are there.
    void publish(int number);
    void publish_all();
    std::string refresh() { return genesis_.value("select public.refresh_insights()"); }
    void set(std::string_view assignment);

    Database genesis_{"genesis", "genesis"};
    Database replica_{"genesis"};  // the operator's session, whose writes the replicas take for replication's
};

}  // namespace singularity::schema::test
