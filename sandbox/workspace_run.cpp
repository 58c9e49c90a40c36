// One run, seen from its client: limits to the launcher, the program to process 1, its output from two pipes,
// and from the launcher what it used. The launcher says why a box ended; process 1 says how its program did.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "core/awaitable_operators.hpp"
#include "core/format.hpp"
#include "sandbox/limits_check.hpp"
#include "sandbox/memory_file.hpp"
#include "sandbox/workspace_state.hpp"

namespace singularity::sandbox {

namespace asio = boost::asio;
using namespace core::awaitable_operators;

namespace {

constexpr int kPipeBytes = 1 << 20;
constexpr std::size_t kPiece = 256 * 1024;

struct Pipe {
    Pipe() {
        if (::pipe2(ends, O_CLOEXEC) != 0) {
            throw SandboxError(core::format("cannot make a pipe: {}", ::strerrordesc_np(errno)));
        }
        reading = core::Descriptor(ends[0]);
        writing = core::Descriptor(ends[1]);
        ::fcntl(ends[0], F_SETPIPE_SZ, kPipeBytes);  // as it comes where the user has many
    }
    int ends[2];
    core::Descriptor reading, writing;
};

std::string joined(const Program& program) {
    std::string payload;
    for (const auto* list : {&program.arguments, &program.environment}) {
        for (const std::string& text : *list) payload.append(text.c_str()).push_back('\0');
    }
    return payload.append(program.folder.c_str()) + '\0';
}

void refuse_program(const Program& program) {
    const auto holds_nul = [](const std::string& text) { return text.contains('\0'); };
    if (program.arguments.empty() || !program.arguments.front().starts_with('/')) {
        throw SandboxError("a program begins with an absolute path");
    }
    if (std::ranges::any_of(program.arguments, holds_nul) ||
        std::ranges::any_of(program.environment, holds_nul) || holds_nul(program.folder)) {
        throw SandboxError("an argument, a variable or a folder cannot hold NUL");
    }
    if (program.arguments.size() + program.environment.size() > wire::kMaxStrings) {
        throw SandboxError(core::format("more than {} arguments and variables", wire::kMaxStrings));
    }
}

wire::Command command_for(const Program& program, const Limits& limits, Tier tier) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(limits.cpu).count();
    const bool alone = tier == Tier::rlimits;
    // Where a cgroup counts, the launcher is to be first: a compiler whose part is killed ends by itself, as
    // if its source were wrong.
    const std::int64_t spare = alone ? 0 : 1;
    return {.order = wire::Order::run,
            .count = static_cast<std::uint32_t>(program.arguments.size()),
            .environment = static_cast<std::uint32_t>(program.environment.size()),
            .file_bytes = limits.file_bytes,
            .open_files = limits.open_files,
            .cpu_seconds = std::max<std::int64_t>(seconds, 1) + spare,
            .data_bytes = alone ? limits.memory_bytes : 0,
            .processes = alone ? limits.processes + 2 : 0};
}

// One run; its parts run at the same time and share it.
class Running {
public:
    Running(WorkspaceState& state, const Limits& limits, Streams& streams)
        : state_(state), limits_(limits), streams_(streams) {}

    asio::awaitable<Ending> run(const Program& program) {
        command_ = command_for(program, limits_, state_.tier);
        payload_ = joined(program);
        try {
            co_await everything();
        } catch (...) {
            // first_error_ has it, or what came before it.
        }
        if (!first_error_) co_return ending();
        co_await asio::this_coro::throw_if_cancelled(false);
        const bool cancelled =
            (co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none;
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        co_await end_box();
        co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
        co_await asio::this_coro::throw_if_cancelled(true);
        if (!cancelled) std::rethrow_exception(first_error_);
        if (!answer_) throw SandboxError("the sandbox's launcher is gone");
        Ending result = ending();
        result.cause = Cause::cancelled;
        co_return result;
    }

private:
    asio::awaitable<void> everything() {
        Pipe out, err;
        input_ = memory_file(streams_.input);
        co_await (noted(program_end(out.writing, err.writing)) && noted(answered()) &&
                  noted(pump(Stream::out, std::move(out.reading), ending_.out)) &&
                  noted(pump(Stream::err, std::move(err.reading), ending_.err)));
    }

    // Keeps the first error of all parts: the others then end as cancelled.
    asio::awaitable<void> noted(asio::awaitable<void> part) {
        try {
            co_await std::move(part);
        } catch (...) {
            if (!first_error_) first_error_ = std::current_exception();
            throw;
        }
    }

    asio::awaitable<void> answered() {
        try {
            answer_ = co_await state_.answer_to(wire::Ask::finish);
        } catch (const SandboxError&) {
            launcher_has_answered_ = true;  // with a failure, or by its own end
            throw;
        }
    }

    // Whatever happened: no program runs when we return, or no launcher does.
    asio::awaitable<void> end_box() {
        if (answer_ || launcher_has_answered_) co_return;
        try {
            co_await state_.control.send(bytes_of(kill_for(Cause::cancelled)), {});
            co_await answered();
        } catch (const SandboxError&) {
            // It died, and its boxes with it.
        }
    }

    // How the program ended, as process 1 says; nothing where its box was ended first.
    asio::awaitable<void> program_end(core::Descriptor& out, core::Descriptor& err) {
        try {
            std::vector descriptors{input_.get(), out.get(), err.get()};
            ended_ = co_await state_.order(command_, payload_, std::move(descriptors));
        } catch (const SandboxError&) {
            // The launcher says why.
        }
        out.reset(), err.reset();
        co_await state_.control.send(bytes_of(wire::Request{.ask = wire::Ask::finish}), {});
    }

    asio::awaitable<void> pump(Stream stream, core::Descriptor reading, StreamTotal& total) {
        asio::posix::stream_descriptor pipe(state_.executor, reading.release());
        std::string piece(kPiece, '\0');
        for (;;) {
            boost::system::error_code end;
            const std::size_t count = co_await pipe.async_read_some(
                asio::buffer(piece), asio::redirect_error(asio::use_awaitable, end));
            if (end == asio::error::operation_aborted) throw boost::system::system_error(end);
            if (end || count == 0) co_return;
            co_await take(stream, std::string_view(piece).substr(0, count), total);
        }
    }

    asio::awaitable<void> take(Stream stream, std::string_view piece, StreamTotal& total) {
        const auto room =
            static_cast<std::size_t>(std::max<std::int64_t>(limits_.output_bytes - total.bytes, 0));
        total.bytes += static_cast<std::int64_t>(piece.size());
        if (piece.size() > room && !std::exchange(total.truncated, true)) {
            co_await state_.control.send(bytes_of(kill_for(Cause::output_limit)), {});
        }
        piece = piece.substr(0, room);
        if (!piece.empty() && streams_.output) co_await streams_.output(stream, piece);
    }

    static wire::Request kill_for(Cause cause) {
        return {.ask = wire::Ask::kill, .reason = static_cast<std::uint32_t>(cause)};
    }

    Ending ending() {
        const auto& ended = ended_;
        const wire::Answer& answer = *answer_;
        ending_.cause = static_cast<Cause>(answer.cause);
        ending_.tier = state_.tier;
        ending_.usage = {.wall = std::chrono::microseconds(answer.wall_us),
                         .cpu = std::chrono::microseconds(answer.cpu_us),
                         .memory_peak_bytes = answer.memory_peak_bytes,
                         .max_rss_bytes = ended ? ended->max_rss_bytes : 0,
                         .oom_kills = answer.oom_kills,
                         .processes_peak = answer.processes_peak};
        // Where no cgroup counts, what process 1 says is all there is.
        if (ended && state_.tier == Tier::rlimits)
            ending_.usage.cpu = std::chrono::microseconds(ended->cpu_us);
        if (ended && WIFSIGNALED(ended->status)) ending_.signal = WTERMSIG(ended->status);
        else if (ended) ending_.exit_code = WEXITSTATUS(ended->status);
        else ending_.signal = SIGKILL;
        if (ended && ended->error != 0) throw SandboxError("the box could not start the program");
        const bool out_of_output = ending_.out.truncated || ending_.err.truncated;
        if (ending_.cause != Cause::exited) return ending_;
        if (out_of_output) ending_.cause = Cause::output_limit;
        else if (!ended) throw SandboxError("the box ended by itself");
        else if (ending_.signal == SIGXCPU) ending_.cause = Cause::cpu_limit;
        else if (ending_.signal != 0) ending_.cause = Cause::signalled;
        return ending_;
    }

    WorkspaceState& state_;
    const Limits& limits_;
    Streams& streams_;
    wire::Command command_{};
    std::string payload_;
    core::Descriptor input_;
    std::optional<wire::Report> ended_;
    std::optional<wire::Answer> answer_;
    bool launcher_has_answered_ = false;
    std::exception_ptr first_error_;
    Ending ending_;
};

}  // namespace

asio::awaitable<Ending> Workspace::run(Program program, Limits limits, Streams streams) {
    refuse_program(program);
    if (const auto refused = refuse_limits(limits)) throw SandboxError(*refused);
    const auto microseconds = [](auto time) { return std::chrono::microseconds(time).count(); };
    co_await state_->ask({.ask = wire::Ask::start,
                          .cpu_us = microseconds(limits.cpu),
                          .wall_us = microseconds(limits.wall),
                          .memory_bytes = limits.memory_bytes,
                          .processes = limits.processes});
    if (!state_->box) throw SandboxError("there is no box");
    Running running(*state_, limits, streams);
    co_return co_await running.run(program);
}

}  // namespace singularity::sandbox
