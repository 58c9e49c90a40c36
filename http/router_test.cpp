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
    const Request request{.method = method, .path = path, .query = {}, .headers = {}, .body = {}};
    asio::co_spawn(
        context, [&]() -> asio::awaitable<void> { response = co_await router.answer(request); },
        asio::detached);
    context.run();
    return response;
}

Router sample() {
    Router router;
    router.add("GET", "/a",
               [](const Request&) -> asio::awaitable<Response> { co_return Response::text("a"); });
    router.add("GET", "/broken", [](const Request&) -> asio::awaitable<Response> {
        throw std::runtime_error("password=hunter2");
        co_return Response{};
    });
    return router;
}

TEST(Router, finds_the_handler_of_a_path) {
    EXPECT_EQ(ask(sample(), "GET", "/a").body, "a");
    EXPECT_EQ(ask(sample(), "HEAD", "/a").status, 200);
}

TEST(Router, an_unknown_path_is_not_found) {
    EXPECT_EQ(ask(sample(), "GET", "/b").status, 404);
}

TEST(Router, another_method_is_told_which_are_allowed) {
    const Response response = ask(sample(), "POST", "/a");
    EXPECT_EQ(response.status, 405);
    EXPECT_EQ(response.headers.at("Allow"), "GET");
}

TEST(Router, a_failing_handler_tells_nothing_of_the_inside) {
    const Response response = ask(sample(), "GET", "/broken");
    EXPECT_EQ(response.status, 500);
    EXPECT_THAT(response.body, testing::Not(testing::HasSubstr("hunter2")));
}

}  // namespace
}  // namespace singularity::http
