#include "cluster/detach.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/json.hpp>
#include <cstdio>

#include "cluster/log_file.hpp"
#include "cluster/log_settings.hpp"
#include "cluster/os_error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"

namespace singularity::cluster {

namespace {

namespace json = boost::json;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kTail = 5;
constexpr char kHealthy[] = "healthy", kGivenUp[] = "given up";

// What the child tells the parent, one line each: a word, or an error that ended it.
void tell(int pipe, const std::string& line) {
    const std::string text = line + "\n";
    [[maybe_unused]] const ssize_t written = ::write(pipe, text.data(), text.size());
}

std::string error_line(const core::Error& error) {
    return json::serialize(json::object{{"code", static_cast<int>(error.code)},
                                        {"message", error.message},
                                        {"details", json::value_from(error.details)}});
}

core::Error error_from(const std::string& line) {
    const json::value value = json::parse(line);
    return {static_cast<core::ErrorCode>(value.at("code").as_int64()),
            json::value_to<std::string>(value.at("message")),
            json::value_to<std::vector<std::string>>(value.at("details"))};
}

bool move_output(const Home& home) {
    rotate_log(home.log_of("supervisor"));
    const auto file = open_log(home.log_of("supervisor"));
    const Descriptor nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    std::fflush(nullptr);
    return file && nothing && ::dup2(nothing.get(), STDIN_FILENO) >= 0 &&
           ::dup2(file->get(), STDOUT_FILENO) >= 0 && ::dup2(file->get(), STDERR_FILENO) >= 0;
}

[[noreturn]] void be_supervisor(const Backbone& backbone, const core::Config& config, const Plan& plan,
                                int pipe) {
    ::setsid();
    backbone.lock.sign();
    if (!move_output(backbone.home)) ::_exit(1);
    configure_log(config);
    HeldSignals held;
    const auto served =
        serve(backbone, config, plan, held,
              {.healthy = [&] { tell(pipe, kHealthy); }, .given_up = [&] { tell(pipe, kGivenUp); }});
    if (!served) tell(pipe, error_line(served.error()));
    ::_exit(served ? 0 : 1);
}

enum class Waiting { line, end, timeout };

// The child's first line.
Waiting wait_for_line(int pipe, std::string& line) {
    const auto until = Clock::now() + kHealthyWithin;
    std::array<char, 4096> buffer;
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
        pollfd watched{.fd = pipe, .events = POLLIN, .revents = 0};
        const int ready = left <= 0 ? 0 : ::poll(&watched, 1, static_cast<int>(left));
        if (ready < 0 && errno == EINTR) continue;
        if (ready <= 0) return Waiting::timeout;
        const ssize_t count = ::read(pipe, buffer.data(), buffer.size());
        if (count <= 0) return Waiting::end;
        line.append(buffer.data(), static_cast<std::size_t>(count));
        if (const auto end = line.find('\n'); end != std::string::npos) {
            line.resize(end);
            return Waiting::line;
        }
    }
}

void explain_part(core::Error& error, const Home& home, const PartStatus& part) {
    const auto log = home.log_of(part.name);
    error.message += core::format(" {} is {}.", part.name, part.state);
    error.details.push_back(core::format(
        "{}: {}", part.name, part.detail.empty() ? "has not said that it is ready" : part.detail));
    for (const std::string& line : last_log_lines(log, kTail))
        error.details.push_back(core::format("  {}", line));
    error.details.push_back(core::format("  its whole log: {}", log.string()));
}

core::Error explain_unhealthy(const Home& home) {
    core::Error error{core::ErrorCode::failed, "not every part is healthy:", {}};
    bool given_up = false;
    for (const PartStatus& part : read_status(home).value_or(stopped_status(home)).services) {
        if (part.state == "healthy") continue;
        explain_part(error, home, part);
        given_up = given_up || part.state == "failed";
    }
    error.details.emplace_back(
        given_up ? "the rest goes on: mend it, then singularity down; singularity up --detach"
                 : "it goes on trying: singularity status shows how it is, singularity down stops it");
    return error;
}

core::Error explain_end(const Home& home) {
    return {core::ErrorCode::failed, "the supervisor ended before every part was healthy",
            last_log_lines(home.log_of("supervisor"), kTail)};
}

// A supervisor that has said why it ends, or nothing more: when we return it is gone.
void await_end(pid_t child) {
    while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
}

}  // namespace

core::Expected<Status> serve_detached(const Backbone& backbone, const core::Config& config,
                                      const Plan& plan) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return os_failure("cannot make a pipe");
    const Descriptor reading(ends[0]);
    Descriptor writing(ends[1]);
    const pid_t child = ::fork();
    if (child < 0) return os_failure("cannot start the supervisor");
    if (child == 0) be_supervisor(backbone, config, plan, writing.get());
    writing.reset();
    std::string line;
    switch (wait_for_line(reading.get(), line)) {
        case Waiting::timeout: return std::unexpected(explain_unhealthy(backbone.home));
        case Waiting::end: await_end(child); return std::unexpected(explain_end(backbone.home));
        case Waiting::line: break;
    }
    if (line == kGivenUp) return std::unexpected(explain_unhealthy(backbone.home));
    if (line != kHealthy) {
        await_end(child);
        return std::unexpected(error_from(line));
    }
    return read_status(backbone.home).value_or(stopped_status(backbone.home));
}

}  // namespace singularity::cluster
