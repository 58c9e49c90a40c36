#include "services/runtime/consumer.hpp"

#include <boost/asio.hpp>

#include "core/awaitable_operators.hpp"
#include "pgclient/error.hpp"

namespace singularity::services {

namespace asio = boost::asio;
using asio::awaitable;
using namespace core::awaitable_operators;
using std::chrono::milliseconds;

namespace {

// A wait is ended and begun again now and then, so that no connection is thought idle by what lies between.
constexpr std::chrono::seconds kLongestWait{60};
// While messages come, the next one is waited for where it is read, which spares a round trip. That holds
// vacuum back, so briefly.
constexpr std::chrono::seconds kLinger{1}, kBusyAfterMessage{10};

constexpr milliseconds kForever = std::chrono::hours(1);

// So many claims of a message ended silently before it is run alone.
constexpr int kSuspicious = 2;

// A claim that is lost in a crash of the server is another's to have at once. What ends its handler's process
// and not the server is written all the same.
constexpr std::string_view kForgetful = "set synchronous_commit = off";

constexpr pgclient::Query kClock{"consumer.clock", "select clock_timestamp()"};

constexpr std::string_view kNobodyWakes = "0A000";

awaitable<bool> cancelled() {
    co_return (co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none;
}

awaitable<void> pause(milliseconds time) {
    asio::steady_timer timer(co_await asio::this_coro::executor, time);
    co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace

Consumer::Consumer(Service& service, Bus bus, ConsumerOptions options, Handler handler)
    : service_(service),
      bus_(std::move(bus)),
      options_(std::move(options)),
      part_("queue " + options_.queue),
      effects_part_("messages of " + options_.queue),
      store_(bus_.queues, options_.queue, options_.visibility),
      settlement_(bus_.own, options_.once, std::move(handler)),
      changed_(service.executor()) {
    if (options_.per_second) rate_.emplace(*options_.per_second, *options_.per_second, Clock::now());
}

awaitable<void> Consumer::run() {
    if (!service_.config().shared_queue_enabled) co_return co_await service_.stay_off_the_bus();
    co_await asio::this_coro::throw_if_cancelled(false);
    std::exception_ptr end;
    try {
        co_await (claim_messages() && keep_claims());
    } catch (...) {
        end = std::current_exception();
    }
    // In a coroutine of its own, that is not cancelled.
    co_await asio::co_spawn(service_.executor(), wind_down(), asio::use_awaitable);
    if (end) std::rethrow_exception(end);
    throw boost::system::system_error(asio::error::operation_aborted);
}

// What has been claimed must not be forgotten when the cancellation comes: it is looked for, not thrown.
awaitable<void> Consumer::claim_messages() {
    co_await asio::this_coro::throw_if_cancelled(false);
    while (!co_await cancelled()) {
        std::vector<Claim> claims;
        co_await service_.attempt(part_, [&]() -> awaitable<void> { claims = co_await receive(); });
        co_await start(std::move(claims));
        co_await asio::post(asio::use_awaitable);  // the claimed ones begin before more are read
    }
}

awaitable<std::vector<Claim>> Consumer::receive() {
    const std::size_t at_most = co_await room();
    if (at_most == 0) co_return std::vector<Claim>();
    if (!session_ || !session_->usable()) co_await connect();
    const bool lingers = is_woken_ && Clock::now() < last_message_at_ + kBusyAfterMessage;
    std::vector<Claim> claims =
        co_await store_.read(*session_, at_most, lingers ? kLinger : std::chrono::seconds{0});
    if (rate_) rate_->take(claims.size());
    service_.health().well(part_);  // whatever is waited for now
    if (!claims.empty()) {
        idle_wakes_ = 0;
        last_message_at_ = Clock::now();
    } else if (!co_await cancelled()) {
        co_await wait_for_message();
    }
    co_return claims;
}

awaitable<void> Consumer::connect() {
    auto session = co_await pgclient::Connection::open(bus_.queue_connect);
    co_await session->script(kForgetful);
    connected_at_ = co_await session->one<pgclient::Timestamp>(kClock);
    session_ = std::move(session);
}

awaitable<void> Consumer::wait_for_message() {
    bool polls = false;
    try {
        idle_wakes_ = co_await store_.wait(*session_, kLongestWait) ? idle_wakes_ + 1 : 0;
        is_woken_ = true;
    } catch (const pgclient::DbError& error) {
        if (error.sqlstate() != kNobodyWakes) throw;
        is_woken_ = false;
        polls = true;
    }
    // Woken for a message that others took, or that is not to be had yet.
    if (polls) co_await pause(options_.poll);
    else if (idle_wakes_ > 1)
        co_await pause(std::min(options_.poll, milliseconds(1 << std::min(idle_wakes_, 10U))));
}

// How many messages may be begun now: at least one, or the consumer is cancelled.
awaitable<std::size_t> Consumer::room() {
    while (in_flight_.size() >= options_.concurrency) {
        co_await changed_.wait(kForever);
        if (co_await cancelled()) co_return 0;
    }
    const std::size_t wanted =
        suspecting_ ? 1 : std::min(options_.batch, options_.concurrency - in_flight_.size());
    if (!rate_) co_return wanted;
    while (rate_->available(wanted, Clock::now()) == 0) {
        co_await changed_.wait(std::chrono::ceil<milliseconds>(rate_->next(Clock::now()) - Clock::now()));
        if (co_await cancelled()) co_return 0;
    }
    co_return rate_->available(wanted, Clock::now());
}

awaitable<void> Consumer::start(std::vector<Claim> claims) {
    if (co_await cancelled()) {
        std::ranges::move(claims, std::back_inserter(unstarted_));
        co_return;
    }
    std::optional<Claim> suspect;
    for (Claim& claim : claims) {
        if (silent_ends(claim) < kSuspicious) launch(std::move(claim));
        else if (!suspect) suspect = std::move(claim);
        else unstarted_.push_back(std::move(claim));
    }
    if (!claims.empty()) suspecting_ = suspect.has_value();
    if (!unstarted_.empty()) co_await service_.attempt(part_, [this] { return give_back(); });
    if (suspect) co_await run_alone(std::move(*suspect));
}

awaitable<void> Consumer::run_alone(Claim suspect) {
    suspect_ = suspect.msg_id;
    co_await drain();
    suspect_.reset();
    if (co_await cancelled()) {
        unstarted_.push_back(std::move(suspect));
        co_return;
    }
    launch(std::move(suspect));
    co_await drain();
}

awaitable<void> Consumer::drain() {
    while (!in_flight_.empty() && !co_await cancelled()) co_await changed_.wait(kForever);
}

awaitable<void> Consumer::keep_claims() {
    for (;;) {
        co_await pause(options_.visibility / 3);
        std::vector<std::int64_t> msg_ids;
        for (const auto& [msg_id, message] : in_flight_) {
            if (message->state != State::running && message->state != State::archiving) continue;
            if (Clock::now() - message->claimed_at >= options_.visibility / 3) msg_ids.push_back(msg_id);
        }
        if (suspect_) msg_ids.push_back(*suspect_);
        if (msg_ids.empty()) continue;
        co_await service_.attempt(part_, [&] { return store_.extend(msg_ids); });
    }
}

}  // namespace singularity::services
