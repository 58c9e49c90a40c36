// singularity queue watch: a table of the queues that is drawn anew, until Ctrl-C.
#include <boost/asio.hpp>
#include <boost/json.hpp>
#include <charconv>
#include <csignal>
#include <iostream>
#include <map>

#include "cli/connect.hpp"
#include "cli/plain_text.hpp"
#include "cli/queue_options.hpp"
#include "cli/screen.hpp"
#include "core/awaitable_operators.hpp"
#include "core/clock.hpp"
#include "core/format.hpp"
#include "pgclient/error.hpp"

namespace singularity::cli {

namespace {

namespace asio = boost::asio;
using namespace core::awaitable_operators;
using asio::awaitable;
using Clock = std::chrono::steady_clock;

constexpr pgclient::Query kLook{
    "watch.look",
    "select m.queue_name as name, m.queue_length as waiting, m.queue_visible_length as ready,"
    " m.total_messages as total, m.oldest_msg_age_sec as oldest_seconds,"
    " coalesce(d.letters, 0) as dead_letters, (select o.paused from queue.options_of(m.queue_name) o) as "
    "paused"
    " from pgmq.metrics_all() m"
    " left join (select lower(queue_name) as queue_name, count(*) as letters from queue.dead_letters group "
    "by 1) d"
    "  on d.queue_name = lower(m.queue_name)"
    " order by m.queue_name"};

struct QueueLook {
    std::string name;
    std::int64_t waiting = 0, ready = 0, total = 0;
    std::optional<std::int32_t> oldest_seconds;
    std::int64_t dead_letters = 0;
    bool paused = false;
};

struct Counts {
    std::int64_t waiting, total;
};

// One look at all queues, and what the look before counted.
struct Look {
    core::Timestamp at;
    std::vector<QueueLook> queues;
    std::map<std::string, Counts> before;
    double seconds = 0;  // since then

    // None at a queue's first look.
    std::optional<double> sent_per_second(const QueueLook& queue) const {
        const auto was = before.find(queue.name);
        if (was == before.end()) return {};
        return static_cast<double>(queue.total - was->second.total) / seconds;
    }
    std::optional<double> done_per_second(const QueueLook& queue) const {
        const auto was = before.find(queue.name);
        if (was == before.end()) return {};
        return static_cast<double>(queue.total - queue.waiting - was->second.total + was->second.waiting) /
               seconds;
    }
};

boost::json::object as_json(const Look& look) {
    boost::json::array queues;
    for (const QueueLook& queue : look.queues) {
        queues.push_back({{"name", queue.name},
                          {"waiting", queue.waiting},
                          {"ready", queue.ready},
                          {"in_flight", queue.waiting - queue.ready},
                          {"oldest_seconds", boost::json::value_from(queue.oldest_seconds)},
                          {"total", queue.total},
                          {"sent_per_second", boost::json::value_from(look.sent_per_second(queue))},
                          {"done_per_second", boost::json::value_from(look.done_per_second(queue))},
                          {"dead_letters", queue.dead_letters},
                          {"paused", queue.paused}});
    }
    return {{"at", core::rfc3339(look.at)}, {"queues", std::move(queues)}};
}

std::string rate(std::optional<double> per_second) {
    return per_second ? core::format("{:.1f}", *per_second) : "-";
}

std::vector<std::string> lines_of(const Look& look) {
    std::size_t width = 5;
    for (const QueueLook& queue : look.queues) width = std::max(width, queue.name.size());
    std::vector<std::string> lines{
        core::rfc3339(look.at),
        core::format("{:{}} {:>9} {:>9} {:>9} {:>9} {:>11} {:>9} {:>9} {:>6}", "queue", width, "waiting",
                     "ready", "in flight", "oldest", "total", "sent/s", "done/s", "dead")};
    for (const QueueLook& queue : look.queues) {
        lines.push_back(
            core::format("{:{}} {:>9} {:>9} {:>9} {:>9} {:>11} {:>9} {:>9} {:>6}{}", plain_text(queue.name),
                         width, queue.waiting, queue.ready, queue.waiting - queue.ready,
                         queue.oldest_seconds ? core::format("{} s", *queue.oldest_seconds) : "", queue.total,
                         rate(look.sent_per_second(queue)), rate(look.done_per_second(queue)),
                         queue.dead_letters, queue.paused ? "  paused" : ""));
    }
    return lines;
}

class Watcher {
public:
    Watcher(Context& context, const QueueOptions& options, std::unique_ptr<pgclient::Connection> session)
        : context_(context), options_(options), session_(std::move(session)) {
        if (!context.json) screen_.emplace(!options.once);
    }

    // What ended it; nothing with --once. A server that is away does not: it is tried again at the next look.
    awaitable<std::exception_ptr> run() {
        asio::steady_timer timer(co_await asio::this_coro::executor);
        const std::chrono::duration<double> interval(options_.interval_seconds);
        try {
            for (;;) {
                co_await look_and_show();
                if (options_.once) co_return nullptr;
                timer.expires_after(std::chrono::duration_cast<Clock::duration>(interval));
                co_await timer.async_wait(asio::use_awaitable);
            }
        } catch (...) {
            co_return std::current_exception();
        }
    }

private:
    awaitable<void> look_and_show() {
        try {
            if (!session_) session_ = co_await connect(context_.config, options_.database);
            show(co_await look());
        } catch (const pgclient::DbError& error) {
            if (options_.once || error.cause() != pgclient::Cause::connection) throw;
            session_.reset();
            show_away(error.what());
        }
    }

    awaitable<Look> look() {
        Look look{.at = core::now(), .queues = co_await session_->rows<QueueLook>(kLook), .before = {}};
        const auto now = Clock::now();
        look.seconds = std::chrono::duration<double>(now - looked_at_).count();
        look.before.swap(before_);
        looked_at_ = now;
        for (const QueueLook& queue : look.queues) before_[queue.name] = {queue.waiting, queue.total};
        co_return look;
    }

    void show(const Look& look) const {
        if (screen_) screen_->show(lines_of(look));
        else context_.print_json(as_json(look));
    }

    void show_away(std::string_view reason) const {
        const std::string at = core::rfc3339(core::now());
        if (screen_) screen_->show({at, core::format("away: {}", plain_text(reason))});
        else context_.print_json(boost::json::object{{"at", at}, {"away", reason}});
    }

    Context& context_;
    const QueueOptions& options_;
    std::unique_ptr<pgclient::Connection> session_;  // none while the server is away
    std::optional<Screen> screen_;
    std::map<std::string, Counts> before_;
    Clock::time_point looked_at_;
};

awaitable<void> watch(Context& context, const QueueOptions& options) {
    asio::signal_set signals(co_await asio::this_coro::executor, SIGINT, SIGTERM, SIGHUP);
    Watcher watcher(context, options, co_await connect(context.config, options.database));
    const auto end = co_await (watcher.run() || signals.async_wait(asio::use_awaitable));
    if (const auto* failure = std::get_if<std::exception_ptr>(&end); failure && *failure)
        std::rethrow_exception(*failure);
}

// Not a number is in no range, though it compares as if it were.
std::string seconds_between_looks(const std::string& text) {
    double seconds = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), seconds);
    const bool whole = read.ec == std::errc{} && read.ptr == text.data() + text.size();
    if (whole && seconds >= 0.1 && seconds <= 86'400) return "";
    return core::format("\"{}\" is not a number of seconds from 0.1 to 86400", text);
}

}  // namespace

void add_queue_watch(CLI::App& queue, Context& context, const std::shared_ptr<QueueOptions>& options) {
    auto* watching = add_queue_command(queue, context, options, "watch",
                                       "A table of the queues, drawn anew until Ctrl-C", watch);
    watching->add_option("--interval", options->interval_seconds, "Seconds between two looks")
        ->check(seconds_between_looks);
    watching->add_flag("--once", options->once, "Look once");
}

}  // namespace singularity::cli
