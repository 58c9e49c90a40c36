#include "http/event_stream.hpp"

#include <gtest/gtest.h>

namespace singularity::http {
namespace {

bool wants(const std::string& accept) {
    return wants_events({.headers = {{"accept", accept}}});
}

TEST(EventStream, an_event_has_its_fields_and_ends_with_an_empty_line) {
    EXPECT_EQ(to_text({.id = "7", .name = "answer", .data = "{}"}), "id: 7\nevent: answer\ndata: {}\n\n");
    EXPECT_EQ(to_text({.data = "hello"}), "data: hello\n\n");
}

TEST(EventStream, whatever_breaks_a_line_begins_another_field) {
    EXPECT_EQ(to_text({.data = "a\nb\r\nc\rd\n"}), "data: a\ndata: b\ndata: c\ndata: d\ndata: \n\n");
}

TEST(EventStream, a_client_asks_for_it_by_its_accept_header) {
    EXPECT_TRUE(wants("text/event-stream"));
    EXPECT_TRUE(wants("application/json;q=0.5, Text/Event-Stream ;q=1"));
    EXPECT_FALSE(wants("application/json"));
    EXPECT_FALSE(wants("*/*"));
    EXPECT_FALSE(wants_events({}));
}

}  // namespace
}  // namespace singularity::http
