#include "sandbox/launcher.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <list>

#include "core/format.hpp"
#include "core/log.hpp"
#include "sandbox/bwrap.hpp"
#include "sandbox/holder.hpp"
#include "sandbox/limits_check.hpp"
#include "sandbox/packet.hpp"
#include "sandbox/refusal.hpp"
#include "sandbox/rights.hpp"
#include "sandbox/room.hpp"

namespace singularity::sandbox {

namespace fs = std::filesystem;

namespace {

// Until boxes are prepared again, where that has failed.
constexpr auto kPause = std::chrono::seconds(10);

class Launcher {
public:
    Launcher(const LauncherOptions& options, const core::Descriptor& socket, const RuntimeFolder& folder,
             Slots slots, CgroupPlaces cgroups)
        : options_(options),
          socket_(socket),
          slots_(std::move(slots)),
          house_{.loop = loop_,
                 .folder = folder,
                 .cgroups = std::move(cgroups),
                 .change_user = ::geteuid() == 0} {}

    void run() {
        sigset_t ends;
        ::sigemptyset(&ends);
        ::sigaddset(&ends, SIGCHLD);
        ::pthread_sigmask(SIG_BLOCK, &ends, nullptr);
        const core::Descriptor children(::signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK));
        loop_.watch(children.get(), [&] {
            signalfd_siginfo told;
            while (::read(children.get(), &told, sizeof told) == sizeof told) reap_children();
        });
        loop_.watch(socket_.get(), [this] { receive(); });
        loop_.at_rest([this] { return rest(); });
        loop_.run();
        rooms_.clear();
    }

private:
    void receive();
    void open(const wire::Request& request, std::string_view text, core::Descriptor control);
    Room& room_for(const WorkspaceLimits& limits, const std::vector<Mount>& mounts);
    Room& new_room(const WorkspaceLimits& limits, const std::vector<Mount>& mounts);
    std::vector<Mount> mounts_to_prepare() const;
    bool refill(EventLoop::Time now);
    std::optional<EventLoop::Time> rest();
    void answer(int control, wire::Ask ask, std::string_view refusal) const;

    const LauncherOptions& options_;
    const core::Descriptor& socket_;
    EventLoop loop_;
    Slots slots_;
    House house_;
    std::list<Room> rooms_;
    EventLoop::Time refill_after_{};
    bool mounts_work_ = true;  // in prepared boxes
};

std::vector<Mount> mounts_from(std::string_view text, std::uint32_t count) {
    std::vector<std::string> strings;
    while (!text.empty() && text.contains('\0')) {
        strings.emplace_back(text.substr(0, text.find('\0')));
        text.remove_prefix(strings.back().size() + 1);
    }
    if (!text.empty() || count > wire::kMaxMounts || strings.size() != 2 * count) {
        throw SandboxError("the mounts are not well-formed");
    }
    std::vector<Mount> mounts;
    for (std::size_t i = 0; i < strings.size(); i += 2) {
        mounts.push_back({.source = strings[i], .destination = strings[i + 1]});
        if (const auto refused = refuse_mount(mounts.back())) throw SandboxError(*refused);
    }
    return mounts;
}

void Launcher::receive() {
    std::array<char, wire::kMaxPacket> packet;
    const Arrival arrival = receive_packet(socket_.get(), packet.data(), packet.size(), false);
    core::Descriptor control(arrival.count > 0 ? arrival.descriptors[0] : -1);
    for (int i = 1; i < arrival.count; ++i) ::close(arrival.descriptors[i]);
    if (arrival.bytes == 0) return loop_.stop();
    wire::Request request{};
    if (arrival.bytes < static_cast<ssize_t>(sizeof request) || arrival.truncated || !control) return;
    std::memcpy(&request, packet.data(), sizeof request);
    const std::string_view text(packet.data() + sizeof request,
                                static_cast<std::size_t>(arrival.bytes) - sizeof request);
    try {
        if (request.ask == wire::Ask::tier) answer(control.get(), request.ask, "");
        else if (request.ask == wire::Ask::open) open(request, text, core::Descriptor(::dup(control.get())));
    } catch (const SandboxError& error) {
        answer(control.get(), request.ask, error.what());
    }
}

void Launcher::answer(int control, wire::Ask ask, std::string_view refusal) const {
    send_answer(control,
                {.ask = ask,
                 .failed = refusal.empty() ? 0U : 1U,
                 .tier = static_cast<std::uint32_t>(house_.cgroups.tier)},
                refusal);
}

void Launcher::open(const wire::Request& request, std::string_view text, core::Descriptor control) {
    ::fcntl(control.get(), F_SETFD, FD_CLOEXEC);
    if (house_.cgroups.tier == Tier::rlimits && !options_.allow_without_cgroups) {
        throw SandboxError(
            "no cgroup can be used here, so nothing bounds what a program's processes use together; "
            "sandbox.allow_without_cgroups = true runs it all the same");
    }
    const WorkspaceLimits limits{.bytes = request.bytes, .files = request.files};
    if (const auto refused = refuse_limits(limits)) throw SandboxError(*refused);
    const auto mounts = mounts_from(text, request.mounts);
    room_for(limits, mounts).adopt(std::move(control), limits);
}

Room& Launcher::room_for(const WorkspaceLimits& limits, const std::vector<Mount>& mounts) {
    const auto ready =
        std::ranges::find_if(rooms_, [&](const Room& room) { return room.prepared() && room.has(mounts); });
    return ready != rooms_.end() ? *ready : new_room(limits, mounts);
}

Room& Launcher::new_room(const WorkspaceLimits& limits, const std::vector<Mount>& mounts) {
    auto slot = slots_.take();
    if (!slot) throw SandboxError(core::format("all {} slots are taken", options_.slots));
    return rooms_.emplace_back(house_, std::move(*slot), limits, mounts);
}

// Runtimes may be removed while we run.
std::vector<Mount> Launcher::mounts_to_prepare() const {
    if (!mounts_work_) return {};
    std::vector<Mount> mounts = options_.prepared_mounts;
    std::erase_if(mounts, [this](const Mount& mount) {
        return ::access(house_.folder.reachable(mount.source).c_str(), F_OK) != 0;
    });
    return mounts;
}

// One a round, so that requests come in between. Whether more are missing.
bool Launcher::refill(EventLoop::Time now) {
    const auto ready = std::ranges::count_if(rooms_, &Room::prepared);
    if (static_cast<unsigned>(ready) >= options_.prepared || now < refill_after_) return false;
    try {
        new_room({}, mounts_to_prepare());
    } catch (const SandboxError& error) {
        core::log::warn("sandbox.not_prepared", {{"reason", error.what()}});
        refill_after_ = now + kPause;
    }
    return static_cast<unsigned>(ready) + 1 < options_.prepared;
}

std::optional<EventLoop::Time> Launcher::rest() {
    const auto now = EventLoop::Time::clock::now();
    std::optional<EventLoop::Time> next;
    for (Room& room : rooms_) {
        const auto wanted = room.tick(now);
        if (wanted && (!next || *wanted < *next)) next = wanted;
    }
    if (std::ranges::any_of(rooms_, &Room::unusable)) mounts_work_ = false;  // a slot may not reach them
    // Where boxes end at once, as many more would too.
    if (std::ranges::any_of(rooms_, &Room::failed)) refill_after_ = now + kPause;
    std::erase_if(rooms_, [](const Room& room) { return room.closed(); });
    return refill(now) ? now : next;
}

}  // namespace

core::Expected<void> run_launcher(const LauncherOptions& options, core::Descriptor socket) {
    ::signal(SIGPIPE, SIG_IGN);
    ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    try {
        if (::access(kBwrap, X_OK) != 0) throw SandboxError("/usr/bin/bwrap is missing: install bubblewrap");
        const fs::path at = lock_folder(options);
        core::Descriptor locks(::open(at.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        CgroupPlaces cgroups = find_cgroups(options.name, options.best_tier);
        sweep_cgroups(cgroups);
        cgroups = find_cgroups(options.name, options.best_tier);
        enter_user_namespace();
        const RuntimeFolder folder(at, options.runtimes);
        keep_rights_to_make_boxes();
        core::log::info("sandbox.ready", {{"tier", name_of(cgroups.tier)}});
        const auto first = ::geteuid() == 0 ? std::optional(options.first_user) : std::nullopt;
        Launcher(options, socket, folder, Slots(std::move(locks), first, options.slots), cgroups).run();
    } catch (const std::exception& error) {
        refuse_all(socket.get(), error.what(), std::chrono::seconds(30));
        return core::failure(core::ErrorCode::failed, core::format("no sandbox: {}", error.what()));
    }
    return {};
}

}  // namespace singularity::sandbox
