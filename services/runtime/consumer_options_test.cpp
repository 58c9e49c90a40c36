#include <gtest/gtest.h>

#include "services/runtime/consumer.hpp"

namespace singularity::services {
namespace {

TEST(ConsumerOptions, a_queues_own_settings_go_before_those_of_all) {
    core::Config config;
    config.shared_queue_batch_size = 20;
    core::QueueSettings& said = config.queues["question_requests"];
    said.max_attempts = 3;
    said.concurrency = 4;
    said.batch = 2;
    const ConsumerOptions own = consumer_options(config, "question_requests");
    EXPECT_EQ(own.batch, 2U);
    EXPECT_EQ(own.concurrency, 4U);
    EXPECT_EQ(own.max_attempts, 3);
    const ConsumerOptions other = consumer_options(config, "llm_requests", 5);
    EXPECT_EQ(other.batch, 20U);
    EXPECT_EQ(other.concurrency, 5U);
}

TEST(ConsumerOptions, what_is_handled_together_is_claimed_together_unless_it_is_said_otherwise) {
    core::Config config;
    config.queues["llm_requests"].batch = 2;
    config.queues["job_requests"].concurrency = 4;
    EXPECT_EQ(batch_options(config, "question_requests").batch, kPassedOn);
    EXPECT_EQ(batch_options(config, "question_requests").concurrency, kPassedOn);
    EXPECT_EQ(batch_options(config, "llm_requests").batch, 2U);
    EXPECT_EQ(batch_options(config, "job_requests").concurrency, 4U);
}

}  // namespace
}  // namespace singularity::services
