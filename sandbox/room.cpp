#include "sandbox/room.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/format.hpp"
#include "core/log.hpp"
#include "sandbox/bwrap.hpp"
#include "sandbox/limits_check.hpp"
#include "sandbox/packet.hpp"

namespace singularity::sandbox {

namespace {

using namespace std::chrono_literals;

// Before a run only process 1 is there, which lays files down.
constexpr std::int64_t kMemoryBeside = 64 * kMiB, kProcessesBeforeRun = 16;
// Bubblewrap itself and process 1.
constexpr std::int64_t kOwnProcesses = 2;

}  // namespace

Room::Room(House& house, Slot slot, const WorkspaceLimits& limits, std::vector<Mount> mounts)
    : house_(house), slot_(std::move(slot)), limits_(limits), mounts_(std::move(mounts)) {
    house_.folder.mount_workspace(slot_.number, slot_.user, limits_);
    begin_box();
}

Room::~Room() {
    close();
    dying_.clear();
    house_.folder.unmount(slot_.number);
}

bool Room::has(const std::vector<Mount>& mounts) const {
    return std::ranges::all_of(mounts,
                               [&](const Mount& mount) { return std::ranges::contains(mounts_, mount); });
}

void Room::begin_box() {
    house_.folder.mount_scratch(slot_.number, slot_.user);
    box_ = std::make_unique<BoxProcess>(
        BoxPlan{.arguments = bwrap_arguments(house_.folder, slot_.number, mounts_),
                .filter = house_.folder.filter(),
                .user = slot_.user,
                .change_user = house_.change_user,
                .cgroups = house_.cgroups,
                .id = core::format("{}.{}", slot_.user, house_.serial++)});
    box_->cgroup().set_limits(limits_.bytes + kMemoryBeside, kProcessesBeforeRun);
    box_socket_ = box_->take_socket();
    box_used_ = false;
    house_.loop.watch(box_->pidfd(), [this] { box_ended(); });
}

void Room::retire_box() {
    if (!box_) return;
    house_.loop.forget(box_->pidfd());
    box_->kill();
    box_socket_.reset();
    dying_.push_back(std::move(box_));
}

void Room::box_ended() {
    if (run_) {
        run_->died = true;
        return end_run(Cause::exited);
    }
    if (box_->left_orderly()) return retire_box();
    ++failures_;
    complaint_ = box_->why_it_ended();
    core::log::warn("sandbox.box_failed", {{"reason", complaint_}});
    if (control_) retire_box();
    else close();  // nobody has seen it
}

void Room::adopt(core::Descriptor control, const WorkspaceLimits& limits) {
    if (limits.bytes != limits_.bytes || limits.files != limits_.files) {
        limits_ = limits;
        house_.folder.resize_workspace(slot_.number, slot_.user, limits_);
        if (box_) box_->cgroup().set_limits(limits_.bytes + kMemoryBeside, kProcessesBeforeRun);
    }
    control_ = std::move(control);
    served_ = true;
    house_.loop.watch(control_.get(), [this] { receive(); });
    answer_with_box(wire::Ask::open);
}

void Room::close() {
    if (control_) house_.loop.forget(control_.get());
    control_.reset();
    run_.reset();
    retire_box();
    closing_ = true;
}

void Room::receive() {
    wire::Request request{};
    const Arrival arrival = receive_packet(control_.get(), &request, sizeof request, false);
    for (int i = 0; i < arrival.count; ++i) ::close(arrival.descriptors[i]);
    if (arrival.bytes < 0 && errno == EAGAIN) return;
    if (arrival.bytes != sizeof request || arrival.truncated) return close();
    try {
        if (failures_ > 1) throw SandboxError(complaint_);
        serve(request);
    } catch (const SandboxError& error) {
        answer({.ask = request.ask, .failed = 1}, error.what());
    }
}

void Room::serve(const wire::Request& request) {
    switch (request.ask) {
        case wire::Ask::box:
            if (!box_ || !box_socket_) {
                if (run_) throw SandboxError("a program runs in the box");
                retire_box();
                begin_box();
            }
            return answer_with_box(request.ask);
        case wire::Ask::start: return start(request);
        case wire::Ask::finish:
            if (run_ && !run_->ending) finish();
            return;
        case wire::Ask::kill:
            if (run_ && !run_->ending) {
                end_run(request.reason == static_cast<std::uint32_t>(Cause::output_limit)
                            ? Cause::output_limit
                            : Cause::cancelled);
            }
            return;
        case wire::Ask::tier:
        case wire::Ask::open: break;
    }
    close();
}

void Room::start(const wire::Request& request) {
    if (run_) throw SandboxError("a program runs in the box already");
    const Limits limits{.cpu = std::chrono::milliseconds(request.cpu_us / 1000),
                        .wall = std::chrono::milliseconds(request.wall_us / 1000),
                        .memory_bytes = request.memory_bytes,
                        .processes = request.processes};
    if (const auto refused = refuse_limits(limits)) throw SandboxError(*refused);
    if (!box_ || box_used_) {
        retire_box();
        begin_box();
    }
    if (!box_->cgroup().set_limits(limits.memory_bytes, limits.processes + kOwnProcesses)) {
        throw SandboxError(core::format("cannot limit the box: {}", ::strerrordesc_np(errno)));
    }
    box_->cgroup().forget_memory_peak();
    const auto now = Time::clock::now();
    run_ = Run{.start = now,
               .wall_until = now + limits.wall,
               .cpu_before = box_->cgroup().usage().cpu_us,
               .cpu_limit = request.cpu_us};
    box_used_ = true;
    answer_with_box(request.ask);
}

// The client says that process 1 says that nothing is left: that much is looked after.
void Room::finish() {
    if (box_->cgroup().processes() > kOwnProcesses) end_run(Cause::exited);
    else report();
}

void Room::end_run(Cause cause) {
    run_->ending = cause;
    run_->end = Time::clock::now();
    box_->kill();
    house_.loop.forget(box_->pidfd());
}

void Room::watch_run(Time now) {
    if (run_->ending) {
        box_->kill();
        if (!box_->cgroup().populated() || now > run_->end + 2s) report();
        return;
    }
    const CgroupUsage usage = box_->cgroup().usage();
    if (usage.oom_kills > 0) end_run(Cause::memory_limit);
    else if (usage.cpu_us - run_->cpu_before >= run_->cpu_limit) end_run(Cause::cpu_limit);
    else if (now >= run_->wall_until) end_run(Cause::wall_limit);
}

// What the run used, after the last of its processes has ended.
void Room::report() {
    const CgroupUsage usage = box_->cgroup().usage();
    const Run run = *run_;
    const auto end = run.ending ? run.end : Time::clock::now();
    Cause cause = run.ending.value_or(Cause::exited);
    const std::int64_t cpu = usage.cpu_us - run.cpu_before;
    if (cause == Cause::exited && usage.oom_kills > 0) cause = Cause::memory_limit;
    if (cause == Cause::exited && cpu >= run.cpu_limit) cause = Cause::cpu_limit;
    const bool broken = run.died && cause == Cause::exited;
    const std::string complaint = broken ? box_->why_it_ended() : "";
    run_.reset();
    if (run.ending) retire_box();
    answer({.ask = wire::Ask::finish,
            .failed = broken,
            .cause = static_cast<std::uint32_t>(cause),
            .wall_us = std::chrono::duration_cast<std::chrono::microseconds>(end - run.start).count(),
            .cpu_us = cpu,
            .memory_peak_bytes = usage.memory_peak_bytes,
            .oom_kills = usage.oom_kills,
            .processes_peak = std::max<std::int64_t>(usage.processes_peak - kOwnProcesses, 0)},
           complaint);
}

std::optional<Room::Time> Room::tick(Time now) {
    if (run_) watch_run(now);
    std::erase_if(dying_, [](const auto& box) { return box->gone(); });
    for (const auto& box : dying_) box->kill();
    if (!dying_.empty() || (run_ && run_->ending)) return now + 1ms;
    if (run_) return std::min(now + 10ms, std::max(run_->wall_until, now));
    return std::nullopt;
}

void Room::answer_with_box(wire::Ask ask) {
    answer({.ask = ask}, "", box_socket_.get());
    box_socket_.reset();
}

void Room::answer(wire::Answer answer, std::string_view text, int descriptor) {
    answer.tier = static_cast<std::uint32_t>(house_.cgroups.tier);
    std::string packet(reinterpret_cast<const char*>(&answer), sizeof answer);
    packet += text;
    // A client that does not read is one that asks without waiting: it loses its workspace.
    const int count = descriptor >= 0 ? 1 : 0;
    if (send_packet(control_.get(), packet.data(), packet.size(), &descriptor, count) < 0) close();
}

}  // namespace singularity::sandbox
