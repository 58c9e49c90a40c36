#include "cluster/part.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "cluster/log_file.hpp"
#include "core/format.hpp"
#include "core/log.hpp"

namespace singularity::cluster {

namespace {

namespace asio = boost::asio;
namespace log = core::log;

constexpr std::size_t kExplainingLines = 20;

// What escapes a coroutine is a defect: it ends the executor's run().
void rethrow(std::exception_ptr error) {
    if (error) std::rethrow_exception(error);
}

}  // namespace

Part::Part(asio::any_io_executor executor, PartSpec spec, std::function<void()> changed)
    : executor_(std::move(executor)),
      spec_(std::move(spec)),
      changed_(std::move(changed)),
      fsm_(spec_.limits, [this] { return random_(); }),
      timer_(executor_),
      status_{spec_.name, std::string(name_of(fsm_.state())), {}, core::now(), {}} {}

void Part::start() {
    perform(fsm_.start());
}

void Part::stop() {
    perform(fsm_.stop());
}

void Part::ready() {
    if (fsm_.state() != ChildState::starting) return;
    fsm_.ready();
    if (condition_ == Condition::recovering) condition_ = Condition::well;
    log::info("part.ready", {{"part", spec_.name}, {"pid", status_.pid.value_or(0)}});
    show(condition_ == Condition::well ? "" : status_.detail);
}

void Part::set_condition(Condition condition, std::string detail) {
    if (condition != condition_) {
        condition_ = condition;
        const bool well = condition == Condition::well;
        log::write(well ? log::Level::info : log::Level::warn, well ? "part.well_again" : "part.unwell",
                   {{"part", spec_.name}, {"detail", detail}});
    }
    show(std::move(detail));
}

void Part::note(const NotifyMessage& message) {
    if (message.ready) ready();
    if (message.healthy) {
        set_condition(*message.healthy ? Condition::well : Condition::degraded, message.status.value_or(""));
    } else if (message.status) {
        show(*message.status);
    }
}

std::vector<std::string> Part::last_lines(std::size_t count) const {
    return last_log_lines(spec_.log, count, log_start_);
}

void Part::perform(ChildAction action) {
    switch (action.step) {
        case ChildStep::none: return;
        case ChildStep::spawn:
            timer_.cancel();
            ++life_;
            condition_ = Condition::well;
            if (action.delay.count() > 0) arm(action.delay);
            asio::co_spawn(executor_, live(), rethrow);
            break;
        case ChildStep::wait: arm(action.delay); break;
        case ChildStep::terminate:
            if (process_) process_->send(spec_.stop_signal);
            arm(action.delay);
            break;
        case ChildStep::kill:
            log::warn("part.killed", {{"part", spec_.name}, {"state", name_of(fsm_.state())}});
            if (process_) process_->send(spec_.kill_signal);
            break;
        case ChildStep::give_up:
            log::error("part.given_up", {{"part", spec_.name},
                                         {"crashes", fsm_.crashes_in_window()},
                                         {"detail", status_.detail},
                                         {"log", spec_.log.string()}});
            [[fallthrough]];
        case ChildStep::settled: timer_.cancel(); break;
    }
    show(status_.detail);
}

asio::awaitable<void> Part::live() {
    std::vector<std::string> environment;
    if (spec_.before_start) {
        auto prepared = co_await spec_.before_start();
        if (!prepared) co_return ended(prepared.error().message);
        environment = std::move(*prepared);
    }
    if (fsm_.state() != ChildState::starting) co_return ended("was stopped before it began");
    if (const auto begun = begin_process(environment); !begun) co_return ended(begun.error().message);
    show(status_.detail);
    co_await end_of_process();
}

core::Expected<void> Part::begin_process(const std::vector<std::string>& environment) {
    rotate_log(spec_.log);
    auto file = open_log(spec_.log);
    if (!file) return std::unexpected(std::move(file.error()));
    std::error_code ignored;
    log_start_ = std::filesystem::file_size(spec_.log, ignored);
    Command command = spec_.command;
    command.output = file->get();
    command.environment.insert(command.environment.end(), environment.begin(), environment.end());
    auto process = spawn(command);
    if (!process) return std::unexpected(std::move(process.error()));
    process_ = std::move(*process);
    log::info("part.started", {{"part", spec_.name}, {"pid", process_->pid()}});
    return {};
}

asio::awaitable<void> Part::end_of_process() {
    asio::posix::stream_descriptor watched(executor_, ::dup(process_->pidfd()));
    co_await watched.async_wait(asio::posix::descriptor_base::wait_read, asio::use_awaitable);
    const ExitStatus status = process_->wait();
    process_.reset();
    const bool asked = fsm_.state() == ChildState::stopping;
    const bool silent = asked || (status.by_signal && status.value == SIGKILL);  // it could not complain
    const std::string complaint = silent ? "" : complaint_in(last_lines(kExplainingLines));
    ended(complaint.empty() ? status.describe() : core::format("{}: {}", status.describe(), complaint));
}

void Part::ended(std::string how) {
    const bool asked = fsm_.state() == ChildState::stopping;
    const ChildAction action = fsm_.exited(ChildFsm::Time::clock::now());
    if (asked) {
        log::info("part.stopped", {{"part", spec_.name}, {"how", how}});
        how.clear();
    } else {
        log::warn("part.crashed",
                  {{"part", spec_.name}, {"how", how}, {"next_start_in_ms", action.delay.count()}});
    }
    status_.detail = std::move(how);
    perform(action);
}

void Part::arm(std::chrono::milliseconds delay) {
    timer_.expires_after(delay);
    timer_.async_wait([this](const boost::system::error_code& error) {
        if (!error) perform(fsm_.timer());
    });
}

void Part::show(std::string detail) {
    const ChildState state = fsm_.state();
    std::string shown(name_of(state));
    if (state == ChildState::ready && condition_ == Condition::degraded) shown = "degraded";
    const bool runs = state == ChildState::ready || state == ChildState::starting;
    if (runs && condition_ == Condition::recovering) shown = "recovering";
    if (shown != status_.state) status_.since = core::now();
    status_.state = std::move(shown);
    status_.pid = process_ ? std::optional(process_->pid()) : std::nullopt;
    status_.detail = std::move(detail);
    changed_();
}

}  // namespace singularity::cluster
