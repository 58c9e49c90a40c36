// The client's side of the launcher's socket.
#include <sys/socket.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cerrno>
#include <cstring>

#include "core/format.hpp"
#include "sandbox/bwrap.hpp"
#include "sandbox/limits_check.hpp"
#include "sandbox/workspace_state.hpp"

namespace singularity::sandbox {

namespace asio = boost::asio;

namespace {

constexpr const char* kLauncher = "the sandbox's launcher";
constexpr const char* kKeeper = "the sandbox's keeper";  // who alone holds the line while no launcher lives

struct Answered {
    wire::Answer answer{};
    std::vector<core::Descriptor> descriptors;
};

asio::awaitable<Answered> receive_answer(Channel& control, wire::Ask ask) {
    for (;;) {
        auto packet = co_await control.receive();
        if (!packet) throw SandboxError(core::format("{} is gone", kLauncher));
        Answered answered{.answer = {}, .descriptors = std::move(packet->descriptors)};
        if (packet->bytes.size() < sizeof answered.answer) throw SandboxError("the launcher's answer is cut");
        std::memcpy(&answered.answer, packet->bytes.data(), sizeof answered.answer);
        if (answered.answer.ask != ask) continue;
        if (answered.answer.failed != 0) throw SandboxError(packet->bytes.substr(sizeof answered.answer));
        co_return answered;
    }
}

}  // namespace

struct Sandbox::State {
    asio::any_io_executor executor;
    Channel launcher;

    // A control socket, whose other end the launcher has with the request.
    asio::awaitable<Channel> begin(wire::Request request, std::string text) {
        int ends[2];
        if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
            throw SandboxError(core::format("cannot make a socket: {}", ::strerrordesc_np(errno)));
        }
        core::Descriptor ours(ends[0]);
        const core::Descriptor theirs(ends[1]);
        co_await launcher.send(bytes_of(request) + text, {theirs.get()});
        co_return Channel(executor, std::move(ours), kLauncher);
    }
};

Sandbox::Sandbox(asio::any_io_executor executor, int launcher)
    : state_(
          std::make_unique<State>(State{executor, Channel(executor, core::Descriptor(launcher), kKeeper)})) {}

Sandbox::~Sandbox() = default;

asio::awaitable<Tier> Sandbox::tier() {
    Channel control = co_await state_->begin({.ask = wire::Ask::tier}, "");
    const auto answered = co_await receive_answer(control, wire::Ask::tier);
    co_return static_cast<Tier>(answered.answer.tier);
}

asio::awaitable<Workspace> Sandbox::open(WorkspaceLimits limits, std::vector<Mount> mounts) {
    if (const auto refused = refuse_limits(limits)) throw SandboxError(*refused);
    std::string text;
    for (const Mount& mount : mounts) {
        if (const auto refused = refuse_mount(mount)) throw SandboxError(*refused);
        text.append(mount.source).push_back('\0');
        text.append(mount.destination).push_back('\0');
    }
    const wire::Request request{.ask = wire::Ask::open,
                                .mounts = static_cast<std::uint32_t>(mounts.size()),
                                .bytes = limits.bytes,
                                .files = limits.files};
    auto state = std::make_unique<WorkspaceState>(
        WorkspaceState{state_->executor, co_await state_->begin(request, text), std::nullopt});
    co_await state->answer_to(wire::Ask::open);
    co_return Workspace(std::move(state));
}

Workspace::Workspace() = default;
Workspace::Workspace(std::unique_ptr<WorkspaceState> state) : state_(std::move(state)) {}
Workspace::~Workspace() = default;
Workspace::Workspace(Workspace&&) noexcept = default;
Workspace& Workspace::operator=(Workspace&&) noexcept = default;

asio::awaitable<wire::Answer> WorkspaceState::answer_to(wire::Ask asked) {
    auto answered = co_await receive_answer(control, asked);
    tier = static_cast<Tier>(answered.answer.tier);
    if (!answered.descriptors.empty()) {
        box.emplace(executor, std::move(answered.descriptors.front()), "the box");
    }
    co_return answered.answer;
}

asio::awaitable<wire::Answer> WorkspaceState::ask(wire::Request request) {
    co_await control.send(bytes_of(request), {});
    co_return co_await answer_to(request.ask);
}

}  // namespace singularity::sandbox
