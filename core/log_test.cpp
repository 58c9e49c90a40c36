#include "core/log.hpp"

#include <gtest/gtest.h>

namespace singularity::core::log {
namespace {

constexpr std::string_view kTime = "2026-11-21T10:37:31.123456Z";

TEST(Log, a_line_for_machines_is_one_json_object) {
    EXPECT_EQ(as_json(Level::info, kTime, "nexus", "http.listening", {{"port", 8600}, {"note", "a \"b\"\n"}}),
              R"({"time":"2026-11-21T10:37:31.123456Z","level":"info","service":"nexus",)"
              R"("event":"http.listening","port":8600,"note":"a \"b\"\n"})");
}

TEST(Log, a_line_for_people_quotes_what_has_spaces_and_stays_one_line) {
    EXPECT_EQ(as_text(Level::warn, kTime, "nexus", "it.failed", {{"why", "two words\nmore"}, {"ok", false}}),
              "10:37:31.123 warn  nexus        it.failed why=\"two words\\nmore\" ok=false");
}

}  // namespace
}  // namespace singularity::core::log
