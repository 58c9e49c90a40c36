// One message from claimed to archived, retried later, or buried.
#include <boost/asio.hpp>

#include "core/format.hpp"
#include "core/log.hpp"
#include "messages/blob_references.hpp"
#include "messages/publishing.hpp"
#include "pgclient/error.hpp"
#include "services/runtime/consumer.hpp"
#include "services/runtime/jitter.hpp"
#include "services/runtime/trouble.hpp"

namespace singularity::services {

namespace asio = boost::asio;
using asio::awaitable;

namespace {

// Between looks whether what a handler needs is back.
constexpr algo::BackoffPolicy kAway{std::chrono::milliseconds{50}, std::chrono::milliseconds{2'000}};

enum class End { done, refused, failed, away };

struct Attempt {
    End end = End::done;
    std::string reason = {};
};

// What its exception says of an attempt; of those of several waits, the first one.
Attempt attempt_that_threw(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const asio::multiple_exceptions& several) {
        return attempt_that_threw(several.first_exception());
    } catch (const Refused& refusal) {
        return {End::refused, refusal.what()};
    } catch (const pgclient::DbError& error) {
        switch (trouble_of(error)) {
            case Trouble::content: return {End::refused, error.what()};
            case Trouble::away: return {End::away, error.what()};
            case Trouble::failure: return {End::failed, error.what()};
        }
        throw;
    } catch (const std::exception& error) {
        return {End::failed, error.what()};
    } catch (...) {
        return {End::failed, "the handler threw what is no std::exception"};
    }
}

}  // namespace

void Consumer::launch(Claim claim) {
    const std::int64_t msg_id = claim.msg_id;
    auto& place = in_flight_[msg_id];
    if (place) {
        // Come again before it was known that it had gone; or its claim ran out while this process stood
        // still.
        if (place->state == State::leaving || place->state == State::ended) place->again = std::move(claim);
        else place->claim.read_ct = claim.read_ct;
        return;
    }
    place = std::make_unique<InFlight>(std::move(claim));
    const auto when_over = [this, msg_id](std::exception_ptr failure) {
        InFlight& message = *in_flight_.at(msg_id);
        message.over = true;
        if (failure) message.state = State::returned;
        if (message.state == State::ended) ended(msg_id);
        changed_.notify();
    };
    asio::co_spawn(service_.executor(), handle(*place),
                   asio::bind_cancellation_slot(place->stop.slot(), when_over));
}

awaitable<void> Consumer::handle(InFlight& message) {
    const Claim& claim = message.claim;
    if (claim.read_ct > options_.max_attempts && silent_ends(claim) > 0) {
        co_return co_await bury(claim,
                                core::format("claimed {} times, and {} times its handler came to no end",
                                             claim.read_ct - 1, silent_ends(claim)));
    }
    algo::Backoff backoff(kAway);
    for (;;) {
        Attempt attempt;
        try {
            co_await settle(message);
        } catch (...) {
            // A handler may cancel what it waits for; that its own wait ended so counts only if we did it.
            if (message.stopped) throw;
            attempt = attempt_that_threw(std::current_exception());
        }
        if (attempt.end != End::away) service_.health().well(effects_part_);
        switch (attempt.end) {
            case End::done: co_return done(message);
            case End::refused:
                message.state = State::leaving;
                co_return co_await bury(claim, std::move(attempt.reason));
            case End::failed:
                message.state = State::leaving;
                co_return co_await fail(claim, std::move(attempt.reason));
            case End::away: service_.health().amiss(effects_part_, attempt.reason);
        }
        asio::steady_timer pause(service_.executor(), backoff.next(random_bits()));
        co_await pause.async_wait(asio::use_awaitable);
    }
}

awaitable<void> Consumer::settle(InFlight& message) {
    const Claim& claim = message.claim;
    Delivery delivery(options_.queue, claim, co_await open(claim), bus_.own);
    // A crash of the server, which ended the connection, may have taken back its claim and its archiving.
    const bool may_be_done = claim.read_ct > 1 || claim.enqueued_at < connected_at_;
    try {
        co_await settlement_.attempt(delivery, message.outcome, may_be_done);
    } catch (const AlreadyDone&) {
        // Its effect is there: what is left is to archive it.
    }
}

awaitable<boost::json::object> Consumer::open(const Claim& claim) {
    const bool is_object = claim.message && claim.message->is_object();
    if (!options_.validated) co_return is_object ? claim.message->get_object() : boost::json::object();
    if (!is_object) throw Refused("the message is no JSON object");
    boost::json::object body = claim.message->get_object();
    std::vector<std::string> hashes;
    for (messages::BlobReference& reference : messages::references(body))
        hashes.push_back(std::move(reference.hash));
    if (!hashes.empty()) {
        const auto blobs = co_await store_.blobs(std::move(hashes));
        const auto lookup = [&blobs](const std::string& hash) {
            const auto found = blobs.find(hash);
            return found == blobs.end() ? std::nullopt : std::optional(found->second);
        };
        if (const auto whole = messages::internalise(body, lookup); !whole)
            throw Refused(reason_of(whole.error()));
    }
    // What another program sent may lack what publishers fill in.
    const std::string known_as = core::format("{}/{}", options_.queue, claim.msg_id);
    auto completed = messages::complete(options_.queue, std::move(body), {.request_id = known_as});
    if (!completed) throw Refused(reason_of(completed.error()));
    co_return std::move(*completed);
}

awaitable<void> Consumer::fail(const Claim& claim, std::string reason) {
    const int failed = failures(claim) + 1;
    core::log::warn(
        "queue.message_failed",
        {{"queue", options_.queue}, {"msg_id", claim.msg_id}, {"failures", failed}, {"reason", reason}});
    if (failed >= options_.max_attempts) {
        co_return co_await bury(claim, core::format("failed {} times, last: {}", failed, reason));
    }
    const auto ceiling = algo::backoff_ceiling(options_.retry, static_cast<unsigned>(failed - 1));
    const auto delay = algo::full_jitter(ceiling, random_bits());
    co_await service_.attempt(part_, [&] { return store_.retry(claim, delay, reason); });
    ended(claim.msg_id);
}

awaitable<void> Consumer::bury(const Claim& claim, std::string reason) {
    co_await service_.attempt(part_, [&] { return store_.bury(claim, reason); });
    core::log::warn("queue.message_buried",
                    {{"queue", options_.queue}, {"msg_id", claim.msg_id}, {"reason", reason}});
    ended(claim.msg_id);
}

void Consumer::done(InFlight& message) {
    if (message.outcome && message.outcome->archived) ended(message.claim.msg_id);
    else archive_soon(message);
}

void Consumer::archive_soon(InFlight& message) {
    message.state = State::archiving;
    to_archive_.push_back(message.claim.msg_id);
    if (archiving_) return;
    archiving_ = true;
    asio::co_spawn(service_.executor(), archive_all(),
                   asio::bind_cancellation_slot(stop_archiving_.slot(), [this](std::exception_ptr) {
                       archiving_ = false;
                       changed_.notify();
                   }));
}

// What is done while one statement archives goes together with the next.
awaitable<void> Consumer::archive_all() {
    while (!to_archive_.empty()) {
        const std::vector<std::int64_t> msg_ids = std::exchange(to_archive_, {});
        co_await service_.attempt(part_, [&] { return store_.archive(msg_ids); });
        for (const std::int64_t msg_id : msg_ids) ended(msg_id);
    }
}

void Consumer::ended(std::int64_t msg_id) {
    InFlight& message = *in_flight_.at(msg_id);
    message.state = State::ended;
    if (message.over) forget(message);
    changed_.notify();
}

void Consumer::forget(InFlight& message) {
    std::optional<Claim> again = std::move(message.again);
    const std::int64_t msg_id = message.claim.msg_id;
    in_flight_.erase(msg_id);
    if (!again) return;
    if (stopping_) unstarted_.push_back(std::move(*again));
    else launch(std::move(*again));
}

}  // namespace singularity::services
