// Works a queue off: claims messages, has each handled beside the others, archives what is done.
//
//     Consumer jobs(service, bus, consumer_options(service.config(), "job_requests"),
//     handler<JobRequest>(run_job)); co_await jobs.run();
//
// What its users may rely on (docs/shared_queue.md draws it):
// - A message's effect happens once, with its row in the inbox, and then it is archived.
// - At most `concurrency` messages are in flight, no more than `per_second` are begun; a sender's commit
// wakes
//   the consumer. Claims of long work are extended for as long as the process runs.
// - A failure is tried again after a full-jitter pause, up to `max_attempts` times; what the message itself
// is at
//   fault for goes to the dead letters at once. A database that is away costs no attempt.
// - A message of which two claims ended without a word is run alone, so that only the one that ends the
//   process is counted out.
// - Where shared_queue.enabled is false it claims nothing, and the service's status says so.
// - When it is cancelled it claims no more, lets what runs finish for `grace`, and gives the rest back.
//
// Not thread-safe: runs wholly on the service's executor.
#pragma once

#include <boost/asio/cancellation_signal.hpp>

#include <map>
#include <memory>

#include "algo/backoff.hpp"
#include "algo/token_bucket.hpp"
#include "services/runtime/bus.hpp"
#include "services/runtime/queue_store.hpp"
#include "services/runtime/service.hpp"
#include "services/runtime/settlement.hpp"
#include "services/runtime/wakeup.hpp"

namespace singularity::services {

struct ConsumerOptions {
    std::string queue = {};
    std::size_t concurrency = 8;
    std::size_t batch = 10;  // messages a read, and a transaction where they are handled together
    std::chrono::milliseconds visibility{30'000};
    std::optional<double> per_second = {};
    int max_attempts = 10;
    algo::BackoffPolicy retry{std::chrono::seconds{1}, std::chrono::minutes{5}};
    std::chrono::milliseconds poll{1'000};  // where nothing wakes it
    std::chrono::milliseconds grace{8'000};
    bool validated = true;  // by the queue's schema, before the handler sees it
    Once once = Once::by_inbox;
};

// Of messages that are only passed on, and so in batches.
inline constexpr std::size_t kPassedOn = 64;

// With what the configuration says of all queues and of this one; `concurrency` where it says nothing.
ConsumerOptions consumer_options(const core::Config& config, std::string queue, std::size_t concurrency = 8);

// For a handler of batches: where the configuration says nothing, kPassedOn messages are claimed and handled
// together.
ConsumerOptions batch_options(const core::Config& config, std::string queue);

class Consumer {
public:
    // `bus` names pools that outlive the consumer.
    Consumer(Service& service, Bus bus, ConsumerOptions options, Handler handler);
    Consumer(const Consumer&) = delete;

    // Until it is cancelled; then it winds down and throws what a cancelled wait throws.
    boost::asio::awaitable<void> run();

private:
    using Clock = std::chrono::steady_clock;
    enum class State { running, leaving, archiving, ended, returned };  // leaving: for a retry, or buried
    struct InFlight {
        explicit InFlight(Claim its_claim) : claim(std::move(its_claim)) {}

        Claim claim;
        Clock::time_point claimed_at = Clock::now();
        State state = State::running;
        bool over = false;                    // its coroutine is: nothing refers to this any more
        bool stopped = false;                 // by wind_down()
        std::optional<Outcome> outcome = {};  // of a handler that need not run again
        std::optional<Claim> again = {};      // a later claim of a message that was leaving
        boost::asio::cancellation_signal stop = {};
    };

    // consumer.cpp: claiming
    boost::asio::awaitable<void> claim_messages();
    boost::asio::awaitable<std::vector<Claim>> receive();
    boost::asio::awaitable<void> connect();
    boost::asio::awaitable<void> wait_for_message();
    boost::asio::awaitable<std::size_t> room();
    boost::asio::awaitable<void> start(std::vector<Claim> claims);
    boost::asio::awaitable<void> run_alone(Claim suspect);
    boost::asio::awaitable<void> drain();
    boost::asio::awaitable<void> keep_claims();

    // consumer_handling.cpp: from claimed to archived
    void launch(Claim claim);
    boost::asio::awaitable<void> handle(InFlight& message);
    boost::asio::awaitable<void> settle(InFlight& message);
    boost::asio::awaitable<boost::json::object> open(const Claim& claim);
    boost::asio::awaitable<void> fail(const Claim& claim, std::string reason);
    boost::asio::awaitable<void> bury(const Claim& claim, std::string reason);
    void done(InFlight& message);
    void archive_soon(InFlight& message);
    boost::asio::awaitable<void> archive_all();
    void ended(std::int64_t msg_id);
    void forget(InFlight& message);

    // consumer_stop.cpp
    boost::asio::awaitable<void> wind_down();
    boost::asio::awaitable<void> stop_handlers();
    boost::asio::awaitable<void> wait_for_end(Clock::time_point until);
    boost::asio::awaitable<void> give_back();
    boost::asio::awaitable<void> give_back_or_say();
    bool any_unfinished() const;

    Service& service_;
    Bus bus_;
    ConsumerOptions options_;
    std::string part_;          // of the service's health: its queue
    std::string effects_part_;  // and what the handlers need
    QueueStore store_;
    Settlement settlement_;
    std::optional<algo::TokenBucket> rate_;
    std::unique_ptr<pgclient::Connection> session_;  // reads and waits
    pgclient::Timestamp connected_at_ = {};          // by the server's clock
    std::map<std::int64_t, std::unique_ptr<InFlight>> in_flight_;
    std::vector<Claim> unstarted_;         // to be given back
    std::optional<std::int64_t> suspect_;  // claimed, and waits to be alone
    std::vector<std::int64_t> to_archive_;
    bool archiving_ = false;
    boost::asio::cancellation_signal stop_archiving_;
    bool stopping_ = false;    // launches nothing more
    bool suspecting_ = false;  // reads one message at a time
    bool is_woken_ = false;    // by senders, as the last wait has shown
    Clock::time_point last_message_at_ = {};
    unsigned idle_wakes_ = 0;  // in a row, after which there was no message
    Wakeup changed_;           // rings when a message is no longer in flight
};

}  // namespace singularity::services
