// Jobs in real boxes, one launcher a test program. Where no box can be had, the test is skipped.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "services/genesis/job_runner.hpp"

namespace singularity::services::genesis {

class JobTest : public testing::Test {
protected:
    void SetUp() override;

    messages::JobResult run(const messages::JobRequest& request, OutputSink sink = {});
    // Of a table that a test changed.
    messages::JobResult run_with(const Languages& languages, const messages::JobRequest& request);

    boost::asio::io_context io;
    std::optional<sandbox::Sandbox> sandbox;
    Languages languages = all_languages(runtimes_folder());
};

messages::JobRequest job(std::string language, std::string code);

// What a person wants to see where a verdict is not the expected one.
std::string told(const messages::JobResult& result);

}  // namespace singularity::services::genesis
