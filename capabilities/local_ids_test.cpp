#include "capabilities/local_ids.hpp"

#include <gtest/gtest.h>

#include <set>

#include "core/clock.hpp"

namespace singularity::capabilities {
namespace {

TEST(LocalIds, tell_the_time_they_were_made) {
    LocalIds ids;
    const auto before = std::chrono::floor<std::chrono::milliseconds>(core::now());
    const algo::Ulid id = ids.next();
    const algo::Ulid monotonic = ids.next_monotonic();
    const auto after = core::now();
    EXPECT_LE(before, id.timestamp());
    EXPECT_LE(id.timestamp(), after);
    EXPECT_LE(before, monotonic.timestamp());
    EXPECT_LE(monotonic.timestamp(), after);
}

TEST(LocalIds, are_each_made_once) {
    LocalIds ids, others;
    std::set<algo::Ulid> made;
    for (int i = 0; i < 10'000; ++i) {
        made.insert(ids.next());
        made.insert(ids.next_monotonic());
        made.insert(others.next_monotonic());
    }
    EXPECT_EQ(made.size(), 30'000u);
}

TEST(LocalIds, are_strictly_ordered_when_asked_for) {
    LocalIds ids;
    algo::Ulid previous = ids.next_monotonic();
    for (int i = 0; i < 200'000; ++i) {
        const algo::Ulid id = ids.next_monotonic();
        ASSERT_LT(previous, id);
        previous = id;
    }
}

}  // namespace
}  // namespace singularity::capabilities
