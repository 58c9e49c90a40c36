#include "cluster/supervisor.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/serialize.hpp>

#include "cluster/log_file.hpp"
#include "cluster/os_error.hpp"
#include "cluster/postmaster.hpp"
#include "cluster/sockets.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "core/notify.hpp"

namespace singularity::cluster {

namespace {

namespace asio = boost::asio;
namespace log = core::log;
using namespace std::chrono_literals;

constexpr int kBootstrapAttempts = 5;
constexpr auto kLogInterval = 60s, kNeighbourInterval = 5s;
constexpr std::size_t kTail = 10;

// A coroutine that must not end by an exception: what escapes it is a defect and ends run().
void rethrow(std::exception_ptr error) {
    if (error) std::rethrow_exception(error);
}

// A loop that has no other end than to be cancelled.
void rethrow_unless_cancelled(std::exception_ptr error) {
    try {
        rethrow(std::move(error));
    } catch (const boost::system::system_error& failure) {
        if (failure.code() != asio::error::operation_aborted) throw;
    }
}

}  // namespace

Supervisor::Supervisor(SupervisorOptions options)
    : options_(std::move(options)),
      signals_(io_, SIGTERM, SIGINT, SIGHUP),
      changes_(io_, Time::max()),
      server_(io_.get_executor(), with_recovery_shown(options_.server), [this] { changed(); }) {
    for (const PartSpec& service : options_.services) {
        services_.emplace_back(io_.get_executor(), service, [this] { changed(); });
    }
    for (const Neighbour& each : options_.neighbours) {
        neighbours_.push_back({each.name, "starting", {}, core::now(), {}});
    }
}

core::Expected<void> Supervisor::run() {
    if (auto opened = open_notify_socket(); !opened) return opened;
    ::signal(SIGPIPE, SIG_IGN);
    changed();
    spawn_loop(wait_for_signal());
    spawn_loop(watch_server(server_, options_.home.data(), options_.probe));
    spawn_loop(bound_logs());
    for (std::size_t i = 0; i < neighbours_.size(); ++i) spawn_loop(watch_neighbour(i));
    asio::co_spawn(io_, bring_up(), rethrow);
    io_.run();  // until the last coroutine has ended, each of which may speak of the parts
    return outcome_;
}

void Supervisor::spawn_loop(asio::awaitable<void> loop) {
    asio::co_spawn(io_, std::move(loop),
                   asio::bind_cancellation_slot(loop_ends_.emplace_back().slot(), rethrow_unless_cancelled));
}

// Before each start: nothing runs on the data directory any more, and the status tells whether the
// server has to recover.
PartSpec Supervisor::with_recovery_shown(PartSpec server) {
    server.before_start = [this]() -> asio::awaitable<core::Expected<std::vector<std::string>>> {
        const auto data = options_.home.data();
        auto vacant = co_await wait_until_vacant(data);
        if (!vacant) co_return std::unexpected(std::move(vacant.error()));
        if (needs_recovery(data)) {
            server_.set_condition(Part::Condition::recovering, "the last shutdown was not orderly");
        }
        co_return environment_past_zombie(data);
    };
    return server;
}

core::Expected<void> Supervisor::open_notify_socket() {
    auto opened = NotifySocket::open(io_.get_executor(), notify_socket(options_.sockets));
    if (!opened) return std::unexpected(std::move(opened.error()));
    notify_socket_ = std::move(*opened);
    spawn_loop(notify_socket_->receive(
        [this](pid_t sender, const NotifyMessage& message) { take_note(sender, message); }));
    return {};
}

asio::awaitable<void> Supervisor::bring_up() {
    server_.start();
    co_await until([this] { return server_ready() || given_up() || stopping_; });
    end_phase("postgresql");
    if (auto prepared = co_await prepare_databases(); !prepared) {
        stop_because(std::move(prepared));
        co_return;
    }
    end_phase("databases");
    if (stopping_) co_return;
    std::ranges::for_each(services_, &Part::start);
    co_await until([this] { return (all_healthy() && neighbours_seen()) || stopping_; });
    if (stopping_) co_return;
    end_phase("services");
    was_healthy_ = true;
    core::notify_ready();
    options_.on_healthy();
}

asio::awaitable<core::Expected<void>> Supervisor::prepare_databases() {
    for (int attempt = 1;; ++attempt) {
        co_await until([this] { return server_ready() || given_up() || stopping_; });
        if (stopping_) co_return core::Expected<void>{};
        if (given_up()) co_return std::unexpected(server_error());
        auto prepared = co_await options_.bootstrap([this](std::string_view step) {
            step_ = step;
            changed();
        });
        step_.clear();
        const bool again = !prepared && prepared.error().code == core::ErrorCode::not_running;
        if (!again || stopping_ || attempt == kBootstrapAttempts) co_return prepared;
        log::warn("bootstrap.interrupted", {{"reason", prepared.error().message}, {"attempt", attempt}});
        asio::steady_timer pause(io_, 500ms);  // the watch notices meanwhile that the server is gone
        co_await pause.async_wait(asio::use_awaitable);
    }
}

asio::awaitable<void> Supervisor::wait_for_signal() {
    const int signal = co_await signals_.async_wait(asio::use_awaitable);
    log::info("supervisor.stopping", {{"signal", signal}});
    stop_because({});
}

void Supervisor::stop_because(core::Expected<void> outcome) {
    if (std::exchange(stopping_, true)) return;
    outcome_ = std::move(outcome);
    if (!outcome_) log::error("supervisor.failed", {{"reason", outcome_.error().message}});
    asio::co_spawn(io_, shut_down(), rethrow);
}

asio::awaitable<void> Supervisor::shut_down() {
    std::ranges::for_each(services_, &Part::stop);
    co_await until([this] { return std::ranges::all_of(services_, &Part::settled); });
    server_.stop();
    co_await until([this] { return server_.settled(); });
    log::info("supervisor.stopped");
    for (auto& end : loop_ends_) end.emit(asio::cancellation_type::terminal);
}

asio::awaitable<void> Supervisor::bound_logs() {
    asio::steady_timer timer(io_);
    for (;;) {
        timer.expires_after(kLogInterval);
        co_await timer.async_wait(asio::use_awaitable);
        rotate_log(server_.log());
        for (const Part& service : services_) rotate_log(service.log());
        for (const Neighbour& neighbour : options_.neighbours) rotate_log(neighbour.log);
    }
}

asio::awaitable<void> Supervisor::watch_neighbour(std::size_t index) {
    asio::steady_timer timer(io_);
    for (;;) {
        const Neighbour::Look seen = co_await options_.neighbours[index].look(io_.get_executor());
        PartStatus& shown = neighbours_[index];
        if (shown.state != seen.state) shown.since = core::now();
        shown.state = seen.state;
        shown.detail = seen.detail;
        changed();
        timer.expires_after(kNeighbourInterval);
        co_await timer.async_wait(asio::use_awaitable);
    }
}

asio::awaitable<void> Supervisor::until(std::function<bool()> holds) {
    while (!holds()) {
        co_await changes_.async_wait(asio::as_tuple(asio::use_awaitable));
    }
}

void Supervisor::take_note(pid_t sender, const NotifyMessage& message) {
    const auto part =
        std::ranges::find_if(services_, [&](const Part& each) { return each.is_process(sender); });
    if (part == services_.end()) return;
    if (message.http) http_ = message.http;
    part->note(message);
    changed();
}

void Supervisor::changed() {
    changes_.cancel();
    const Status current = status();
    std::string text = boost::json::serialize(to_json(current));
    if (text == written_) return;
    written_ = std::move(text);
    if (auto written = write_status(options_.home, current); !written) {
        log::warn("status.unwritten", {{"reason", written.error().message}});
    }
    const bool failed =
        std::ranges::any_of(services_, [](const Part& part) { return part.state() == ChildState::failed; });
    if (failed && !std::exchange(told_given_up_, true)) options_.on_given_up();
    if (given_up() && !stopping_) stop_because(std::unexpected(server_error()));
}

void Supervisor::end_phase(std::string_view name) {
    const auto now = Time::clock::now();
    if (!stopping_) {
        log::info(
            "up.phase",
            {{"phase", name},
             {"ms", std::chrono::duration_cast<std::chrono::milliseconds>(now - phase_start_).count()}});
    }
    phase_start_ = now;
}

Status Supervisor::status() const {
    Status status = stopped_status(options_.home);
    status.supervisor_pid = ::getpid();
    status.postmaster_pid = server_.status().pid;
    status.http = http_;
    status.services.push_back(server_.status());
    for (const Part& service : services_) {
        status.services.push_back(service.status());
        if (service.state() == ChildState::idle && !step_.empty()) {
            status.services.back().detail = core::format("waits for the databases: {}", step_);
        }
    }
    // What cannot be had on this machine, and what others stop, says nothing about the whole.
    std::vector<PartStatus> counting = status.services;
    for (const PartStatus& neighbour : neighbours_) {
        status.services.push_back(neighbour);
        if (neighbour.state != "stopped" && !stopping_) counting.push_back(neighbour);
    }
    status.state = overall_state(counting, was_healthy_, stopping_);
    if (status.state == "stopped" || status.state == "failed") status.supervisor_pid.reset();
    return status;
}

bool Supervisor::all_healthy() const {
    const auto healthy = [](const Part& part) { return part.status().state == "healthy"; };
    return healthy(server_) && std::ranges::all_of(services_, healthy);
}

bool Supervisor::neighbours_seen() const {
    return std::ranges::none_of(neighbours_, [](const PartStatus& each) { return each.state == "starting"; });
}

core::Error Supervisor::server_error() const {
    core::Error error{core::ErrorCode::failed,
                      core::format("PostgreSQL does not stay up: {}", server_.status().detail),
                      server_.last_lines(kTail)};
    error.details.push_back(core::format("its whole log: {}", server_.log().string()));
    if (says_disk_full(error.message)) error.message = disk_full_sentence(options_.home.root());
    return error;
}

}  // namespace singularity::cluster
