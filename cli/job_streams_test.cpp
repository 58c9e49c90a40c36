#include "cli/job_streams.hpp"

#include <gtest/gtest.h>

namespace singularity::cli {
namespace {

class JobStreamsTest : public testing::Test {
protected:
    std::string out_, err_;
    JobStreams streams_{[this](bool is_error, std::string_view bytes) { (is_error ? err_ : out_) += bytes; }};
};

messages::JobResult result(std::string out, std::string err = "") {
    messages::JobResult result;
    result.stdout = std::move(out);
    result.stderr = std::move(err);
    return result;
}

TEST_F(JobStreamsTest, each_byte_is_written_once_live_or_at_the_end) {
    streams_.piece(false, 0, "one ");
    streams_.piece(true, 0, "oops");
    streams_.piece(false, 2, "e two");
    streams_.piece(false, 50, "behind a gap");
    EXPECT_EQ(out_, "one two");
    streams_.end(result("one two three", "oops"));
    EXPECT_EQ(out_, "one two three");
    EXPECT_EQ(err_, "oops");
    EXPECT_FALSE(streams_.differs());
}

TEST_F(JobStreamsTest, another_attempt_that_writes_the_same_goes_on_where_the_first_was) {
    streams_.piece(false, 0, "one two");
    streams_.piece(false, 0, "one ");
    streams_.end(result("one two three"));
    EXPECT_EQ(out_, "one two three");
    EXPECT_FALSE(streams_.differs());
}

TEST_F(JobStreamsTest, one_that_writes_something_else_is_told) {
    streams_.piece(false, 0, "at 10:31");
    streams_.end(result("at 10:32, done"));
    EXPECT_EQ(out_, "at 10:31, done");
    EXPECT_TRUE(streams_.differs());
}

TEST_F(JobStreamsTest, what_was_no_text_comes_as_the_bytes_that_it_was) {
    messages::JobResult binary = result("/wA=");
    binary.stdout_encoding = "base64";
    streams_.end(binary);
    EXPECT_EQ(out_, std::string("\xFF\0", 2));
}

}  // namespace
}  // namespace singularity::cli
