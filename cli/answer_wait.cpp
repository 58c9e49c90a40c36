#include "cli/answer_wait.hpp"

#include <algorithm>
#include <boost/asio.hpp>

#include "pgclient/error.hpp"

namespace singularity::cli {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds kToAnswer{10};
constexpr std::chrono::seconds kAwayAtMost{60};
constexpr std::chrono::milliseconds kBetweenTries{200};

constexpr pgclient::Query kAnswer{"answer.wait",
                                  "call public.wait_for_answer($1::text, $2::double precision, null::jsonb)"};

struct Answered {
    std::optional<boost::json::value> answer;
};

// The server is away, stops, or lacks something.
bool may_pass(const pgclient::DbError& error) {
    static constexpr std::string_view kClasses[] = {"08", "53", "57", "58"};
    return error.cause() != pgclient::Cause::cancelled &&
           std::ranges::contains(kClasses, std::string_view(error.sqlstate()).substr(0, 2));
}

}  // namespace

asio::awaitable<std::optional<boost::json::value>> AnswerWait::within(std::chrono::duration<double> limit) {
    try {
        if (!session_ || !session_->usable()) session_ = co_await connect(config_, "singularity");
        heard_of_ = Clock::now();
        const auto most = std::chrono::duration_cast<std::chrono::milliseconds>(limit) + kToAnswer;
        auto found = co_await session_->within(most).one<Answered>(kAnswer, request_id_, limit.count());
        heard_of_ = Clock::now();
        co_return std::move(found.answer);
    } catch (const pgclient::DbError& error) {
        if (!may_pass(error) || Clock::now() - heard_of_ > kAwayAtMost) throw;
        session_.reset();
    }
    asio::steady_timer timer(co_await asio::this_coro::executor, kBetweenTries);
    co_await timer.async_wait(asio::use_awaitable);
    co_return std::nullopt;
}

}  // namespace singularity::cli
