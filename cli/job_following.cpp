#include "cli/job_following.hpp"

#include <boost/asio.hpp>
#include <csignal>
#include <cstdlib>

#include "cli/answer_wait.hpp"
#include "cli/connect.hpp"
#include "cli/request_end.hpp"
#include "cluster/url.hpp"
#include "pgclient/error.hpp"
#include "pgclient/listener.hpp"

namespace singularity::cli {

namespace asio = boost::asio;
using asio::awaitable;
using pgclient::Query;

namespace {

constexpr std::chrono::seconds kAWait{5};  // then it is seen whether there will be an answer

constexpr Query kPieces{"job.pieces",
                        "select number, attempt, stream = 'stderr' as is_error, at_byte, bytes"
                        " from api.job_output($1::text, $2::bigint, 64)"};
constexpr Query kCancel{"job.cancel", "select api.cancel_job($1::text)"};

struct Piece {
    std::int64_t number = 0;
    std::int32_t attempt = 0;
    bool is_error = false;
    std::int64_t at_byte = 0;
    pgclient::Bytes bytes;
};

awaitable<void> pause(std::chrono::milliseconds time) {
    asio::steady_timer timer(co_await asio::this_coro::executor, time);
    co_await timer.async_wait(asio::use_awaitable);
}

awaitable<void> pass_on(const core::Config& config, const std::string& request_id,
                        std::unique_ptr<pgclient::Connection>& session, std::int64_t& last,
                        JobStreams& streams) {
    if (!session || !session->usable()) session = co_await connect(config, "genesis");
    for (;;) {
        const auto pieces = co_await session->rows<Piece>(kPieces, request_id, last);
        if (pieces.empty()) co_return;
        for (const Piece& piece : pieces) {
            const std::string_view bytes(reinterpret_cast<const char*>(piece.bytes.data()),
                                         piece.bytes.size());
            streams.piece(piece.is_error, piece.at_byte, bytes);
            last = piece.number;
        }
    }
}

}  // namespace

awaitable<core::Expected<boost::json::value>> answer_to_job(const core::Config& config,
                                                            std::string request_id) {
    AnswerWait wait(config, request_id);
    RequestEnd end(co_await asio::this_coro::executor, config);
    for (;;) {
        if (auto answer = co_await wait.within(kAWait)) co_return std::move(*answer);
        WhyUnanswered why = co_await end.look(request_id);
        if (why.is_over) co_return std::unexpected(std::move(why.error));
    }
}

awaitable<void> show_pieces(const core::Config& config, std::string request_id, JobStreams& streams) {
    const auto url = cluster::database_url(config, "genesis");
    if (!url) co_return co_await pause(std::chrono::hours(24 * 365));
    pgclient::Listener listener({.dsn = *url, .application_name = "singularity cli"}, {"job_output"});
    std::unique_ptr<pgclient::Connection> session;
    std::int64_t last = 0;
    for (;;) {
        const pgclient::Notification note = co_await listener.next();
        if (!note.resync && note.payload != request_id) continue;
        try {
            co_await pass_on(config, request_id, session, last, streams);
        } catch (const pgclient::DbError& error) {
            if (error.cause() == pgclient::Cause::cancelled) throw;
            session.reset();
        }
    }
}

awaitable<void> pieces_so_far(const core::Config& config, std::string request_id, JobStreams& streams) {
    std::unique_ptr<pgclient::Connection> session;
    std::int64_t last = 0;
    co_await pass_on(config, request_id, session, last, streams);
}

awaitable<bool> cancel_job(const core::Config& config, std::string request_id) {
    const auto session = co_await connect(config, "genesis");
    co_return co_await session->one<std::string>(kCancel, request_id) == "cancelling";
}

awaitable<void> obey_signals(const core::Config& config, std::string request_id, int& signal) {
    asio::signal_set signals(co_await asio::this_coro::executor, SIGINT, SIGTERM, SIGHUP);
    signal = co_await signals.async_wait(asio::use_awaitable);
    try {
        co_await cancel_job(config, request_id);
    } catch (const pgclient::DbError& error) {
        if (error.cause() == pgclient::Cause::cancelled) throw;
    }
    std::_Exit(128 + co_await signals.async_wait(asio::use_awaitable));
}

}  // namespace singularity::cli
