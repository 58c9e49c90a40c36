#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backbone.hpp"
#include "core/format.hpp"

namespace singularity::schema::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Search : public testing::Test {
protected:
    void SetUp() override {
        hub_.script(
            "insert into approved_patterns (name, ecosystem, confidence, idiom, description, best_practices) "
            "values"
            " ('retry-with-backoff/range-loop-3fa2b1', 'cpp', 0.9, 'retry-with-backoff',"
            "  'A loop tries a call again and waits longer each time.', '{Cap the delay}'),"
            " ('scoped-resource/lock-77aa01', 'cpp', 0.95, 'scoped-resource',"
            "  'A lock is held for the length of a block.', '{}'),"
            " ('bare', 'python', 0.86, null, null, null)");
        wait_for(console_, "select count(*) from api.patterns", "3");
    }
    void TearDown() override {
        hub_.script("delete from approved_patterns");
        wait_for(console_, "select count(*) from api.patterns", "0");
    }

    std::vector<std::string> found(std::string_view words) {
        return console_.column(core::format("select name from api.search_patterns($words${}$words$)", words));
    }

    Database hub_{"centralcloud", "centralcloud"};
    Database console_{"singularity", "console"};
};

TEST_F(Search, finds_patterns_that_hold_any_of_the_words_best_first) {
    EXPECT_THAT(found("retry with backoff around an http call"),
                ElementsAre("retry-with-backoff/range-loop-3fa2b1"));
    EXPECT_THAT(found("a loop that locks"),
                ElementsAre("scoped-resource/lock-77aa01", "retry-with-backoff/range-loop-3fa2b1"));
    EXPECT_THAT(found("bare"), ElementsAre("bare"));
}

TEST_F(Search, finds_word_forms_and_idioms_however_they_are_written) {
    EXPECT_THAT(found("retries"), ElementsAre("retry-with-backoff/range-loop-3fa2b1"));
    EXPECT_THAT(found("scoped_resource"), ElementsAre("scoped-resource/lock-77aa01"));
    EXPECT_THAT(found("delays"), ElementsAre("retry-with-backoff/range-loop-3fa2b1"));
}

TEST_F(Search, takes_any_text) {
    EXPECT_THAT(found(""), IsEmpty());
    EXPECT_THAT(found("the of a"), IsEmpty());
    EXPECT_THAT(found(R"(' & | ! ( ) <-> :* \ " http://a.b/c?d=1&e=2)"), IsEmpty());
}

}  // namespace
}  // namespace singularity::schema::test
