// Keeps one backbone running: starts PostgreSQL, prepares its databases, starts the services, restarts
// what dies, and stops everything in order when it is told to.
//
// It owns one io_context on the thread that calls run(), from which every child is started. It knows
// services as commands and the databases as two functions, so it runs with any of them. Whatever
// changes is written to state/status.json at once. docs/cluster.md tells the order of things.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <optional>
#include <string_view>

#include "cluster/home.hpp"
#include "cluster/notify_socket.hpp"
#include "cluster/part.hpp"
#include "cluster/server_watch.hpp"

namespace singularity::cluster {

using OnStep = std::function<void(std::string_view step)>;

// Makes the databases ready for the services; called once the server is, with whom to tell its steps.
// An error of code not_running means that the server went away meanwhile: it is called again.
using Bootstrap = std::function<boost::asio::awaitable<core::Expected<void>>(OnStep)>;

// A part that somebody else keeps running: it is looked at now and then, and shown.
struct Neighbour {
    struct Look {
        std::string state;  // healthy; degraded; stopped, where it is not to be had on this machine
        std::string detail;
    };
    std::string name;
    std::filesystem::path log{};  // which it writes and we bound; none where empty
    std::function<boost::asio::awaitable<Look>(boost::asio::any_io_executor)> look;
};

struct SupervisorOptions {
    Home home;
    std::filesystem::path sockets;
    PartSpec server;
    std::vector<PartSpec> services;  // each notifies
    std::vector<Neighbour> neighbours{};
    Probe probe;
    Bootstrap bootstrap;
    std::function<void()> on_healthy = [] {};   // the first time that every part is
    std::function<void()> on_given_up = [] {};  // a service crashed too often
};

class Supervisor {
public:
    explicit Supervisor(SupervisorOptions options);

    // Until it is told to stop by SIGTERM, SIGINT or SIGHUP: success. An error where the server or the
    // bootstrap cannot be had; everything is stopped then too.
    core::Expected<void> run();

private:
    using Time = std::chrono::steady_clock::time_point;

    PartSpec with_recovery_shown(PartSpec server);
    void spawn_loop(boost::asio::awaitable<void> loop);  // runs until everything has stopped
    core::Expected<void> open_notify_socket();
    boost::asio::awaitable<void> bring_up();
    boost::asio::awaitable<core::Expected<void>> prepare_databases();
    boost::asio::awaitable<void> wait_for_signal();
    boost::asio::awaitable<void> shut_down();
    boost::asio::awaitable<void> bound_logs();
    boost::asio::awaitable<void> watch_neighbour(std::size_t index);
    boost::asio::awaitable<void> until(std::function<bool()> holds);

    void take_note(pid_t sender, const NotifyMessage& message);
    void changed();
    void stop_because(core::Expected<void> outcome);
    void end_phase(std::string_view name);
    Status status() const;
    bool server_ready() const { return server_.state() == ChildState::ready; }
    bool all_healthy() const;
    bool neighbours_seen() const;
    bool given_up() const { return server_.state() == ChildState::failed; }
    core::Error server_error() const;

    boost::asio::io_context io_{1};  // first: the options' probe keeps a connection on it
    SupervisorOptions options_;
    boost::asio::signal_set signals_;
    boost::asio::steady_timer changes_;  // cancelled at each change: wakes who waits in until()
    std::optional<NotifySocket> notify_socket_;
    std::deque<boost::asio::cancellation_signal> loop_ends_;
    Part server_;
    std::deque<Part> services_;
    std::vector<PartStatus> neighbours_;
    std::optional<std::string> http_;
    std::string step_;  // of the bootstrap; empty when it is not running
    std::string written_;
    bool was_healthy_ = false, told_given_up_ = false, stopping_ = false;
    core::Expected<void> outcome_;
    Time phase_start_ = Time::clock::now();
};

}  // namespace singularity::cluster
