#include "http/router.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio.hpp>

namespace singularity::http {
namespace {

namespace asio = boost::asio;

Response ask(const Router& router, const std::string& method, const std::string& path) {
    asio::io_context context;
    Response response;
    asio::co_spawn(
        context,
        [&]() -> asio::awaitable<void> {
            response = co_await router.answer({.method = method, .path = path});
            if (response.later) {
                const auto later = std::move(response.later);
                response = co_await later();
            }
        },
        asio::detached);
    context.run();
    return response;
}

Handler answer_with(std::string text) {
    return [text](const Request&) -> asio::awaitable<Response> { co_return Response::text(text); };
}

Router sample() {
    Router router;
    router.add("GET", "/", answer_with("root"));
    router.add("GET", "/a", answer_with("a"));
    router.add("POST", "/a/", answer_with("a/"));
    router.add("GET", "/jobs/{id}", [](const Request& request) -> asio::awaitable<Response> {
        co_return Response::text("job " + request.parameters.at("id"));
    });
    router.add("GET", "/jobs/{id}/files/{file}", [](const Request& request) -> asio::awaitable<Response> {
        co_return Response::text(request.parameters.at("id") + ":" + request.parameters.at("file"));
    });
    router.add("GET", "/jobs/all", answer_with("all jobs"));
    router.add("GET", "/broken_later", [](const Request&) -> asio::awaitable<Response> {
        Response response;
        response.later = []() -> asio::awaitable<Response> {
            throw std::runtime_error("password=hunter2");
            co_return Response{};
        };
        co_return response;
    });
    router.add("GET", "/broken", [](const Request&) -> asio::awaitable<Response> {
        throw std::runtime_error("password=hunter2");
        co_return Response{};
    });
    return router;
}

TEST(Router, finds_the_handler_of_a_path) {
    EXPECT_EQ(ask(sample(), "GET", "/a").body, "a");
    EXPECT_EQ(ask(sample(), "HEAD", "/a").status, 200);
    EXPECT_EQ(ask(sample(), "GET", "/").body, "root");
    EXPECT_EQ(ask(sample(), "POST", "/a/").body, "a/");
}

TEST(Router, a_segment_in_braces_takes_any_segment_and_hands_it_over_decoded) {
    EXPECT_EQ(ask(sample(), "GET", "/jobs/17").body, "job 17");
    EXPECT_EQ(ask(sample(), "GET", "/jobs/a%2Fb+c").body, "job a/b+c");
    EXPECT_EQ(ask(sample(), "GET", "/jobs/17/files/out").body, "17:out");
}

TEST(Router, a_segment_in_braces_takes_neither_nothing_nor_two) {
    for (const char* path : {"/jobs", "/jobs/", "/jobs/17/", "/jobs/17/files", "/jobs//files/out", "*", ""}) {
        EXPECT_EQ(ask(sample(), "GET", path).status, 404) << path;
    }
}

TEST(Router, what_is_written_out_goes_before_a_segment_in_braces) {
    EXPECT_EQ(ask(sample(), "GET", "/jobs/all").body, "all jobs");
    EXPECT_EQ(ask(sample(), "GET", "/jobs/all/files/out").body, "all:out");
}

TEST(Router, a_wrongly_encoded_parameter_is_refused) {
    EXPECT_EQ(ask(sample(), "GET", "/jobs/%zz").status, 400);
}

TEST(Router, an_unknown_path_is_not_found) {
    EXPECT_EQ(ask(sample(), "GET", "/b").status, 404);
}

TEST(Router, another_method_is_told_which_are_allowed) {
    const Response response = ask(sample(), "POST", "/a");
    EXPECT_EQ(response.status, 405);
    EXPECT_EQ(response.headers.at("Allow"), "GET");
    EXPECT_THAT(response.body, testing::HasSubstr("/a takes GET"));
    EXPECT_EQ(response.content_type, "application/json");
}

TEST(Router, a_failing_handler_tells_nothing_of_the_inside) {
    for (const char* path : {"/broken", "/broken_later"}) {
        const Response response = ask(sample(), "GET", path);
        EXPECT_EQ(response.status, 500);
        EXPECT_THAT(response.body, testing::Not(testing::HasSubstr("hunter2")));
    }
}

}  // namespace
}  // namespace singularity::http
