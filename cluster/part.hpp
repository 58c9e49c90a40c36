// One supervised part of a backbone, PostgreSQL or a service: its process, its timer, its log, and the
// state machine that says what to do with them (child_fsm.hpp). Not thread-safe: lives on one executor,
// whose thread must outlive the process.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <filesystem>
#include <functional>
#include <optional>
#include <random>

#include "cluster/child_fsm.hpp"
#include "cluster/notify_message.hpp"
#include "cluster/process.hpp"
#include "cluster/status.hpp"

namespace singularity::cluster {

struct PartSpec {
    std::string name;
    Command command;  // its output is the part's log
    std::filesystem::path log;
    int stop_signal = SIGTERM;
    int kill_signal = SIGKILL;
    ChildLimits limits;
    // Awaited before each start. What it gives is added to the environment; an error counts as a crash
    // and becomes the part's detail. May be empty.
    std::function<boost::asio::awaitable<core::Expected<std::vector<std::string>>>()> before_start;
};

class Part {
public:
    enum class Condition { well, degraded, recovering };

    // `changed` is called after each change of the status.
    Part(boost::asio::any_io_executor executor, PartSpec spec, std::function<void()> changed);

    void start();
    void stop();

    // From outside, for what does not notify: it works, or it does not at present.
    void ready();
    void set_condition(Condition condition, std::string detail);

    // A message of its own process.
    void note(const NotifyMessage& message);

    const PartStatus& status() const { return status_; }
    ChildState state() const { return fsm_.state(); }
    bool settled() const { return state() == ChildState::stopped || state() == ChildState::failed; }
    bool is_process(pid_t pid) const { return process_ && process_->pid() == pid; }
    int life() const { return life_; }  // how many times it was started

    const std::filesystem::path& log() const { return spec_.log; }
    std::vector<std::string> last_lines(std::size_t count) const;  // of its present or last life

private:
    void perform(ChildAction action);
    boost::asio::awaitable<void> live();
    core::Expected<void> begin_process(const std::vector<std::string>& environment);
    boost::asio::awaitable<void> end_of_process();
    void ended(std::string how);
    void arm(std::chrono::milliseconds delay);
    void show(std::string detail);

    boost::asio::any_io_executor executor_;
    PartSpec spec_;
    std::function<void()> changed_;
    std::mt19937_64 random_{std::random_device{}()};
    ChildFsm fsm_;
    boost::asio::steady_timer timer_;
    std::optional<Process> process_;
    Condition condition_ = Condition::well;
    PartStatus status_;
    int life_ = 0;
    std::uintmax_t log_start_ = 0;
};

}  // namespace singularity::cluster
