#include "cluster/child_fsm.hpp"

namespace singularity::cluster {

std::string_view name_of(ChildState state) {
    switch (state) {
        case ChildState::idle: return "waiting";
        case ChildState::starting: return "starting";
        case ChildState::ready: return "healthy";
        case ChildState::backing_off: return "restarting";
        case ChildState::stopping: return "stopping";
        case ChildState::stopped: return "stopped";
        case ChildState::failed: return "failed";
    }
    return "unknown";
}

ChildFsm::ChildFsm(ChildLimits limits, std::function<std::uint64_t()> random)
    : limits_(limits), random_(std::move(random)) {}

ChildAction ChildFsm::start() {
    return state_ == ChildState::idle ? spawn() : ChildAction{};
}

void ChildFsm::ready() {
    if (state_ == ChildState::starting) state_ = ChildState::ready;
}

ChildAction ChildFsm::exited(Time now) {
    has_process_ = false;
    switch (state_) {
        case ChildState::starting:
        case ChildState::ready: return crashed(now);
        case ChildState::stopping: state_ = ChildState::stopped; return {ChildStep::settled};
        default: return {};
    }
}

ChildAction ChildFsm::timer() {
    switch (state_) {
        case ChildState::backing_off: return spawn();
        case ChildState::starting:  // not ready in time
        case ChildState::stopping: return {ChildStep::kill};
        default: return {};
    }
}

ChildAction ChildFsm::stop() {
    switch (state_) {
        case ChildState::stopping:
        case ChildState::stopped:
        case ChildState::failed: return {};
        default: break;
    }
    if (!has_process_) {
        state_ = ChildState::stopped;
        return {ChildStep::settled};
    }
    state_ = ChildState::stopping;
    return {ChildStep::terminate, limits_.stop};
}

ChildAction ChildFsm::spawn() {
    state_ = ChildState::starting;
    has_process_ = true;
    return {ChildStep::spawn, limits_.start};
}

ChildAction ChildFsm::crashed(Time now) {
    while (!crashes_.empty() && now - crashes_.front() >= limits_.window) crashes_.pop_front();
    const auto failures_before = static_cast<unsigned>(crashes_.size());
    crashes_.push_back(now);
    if (crashes_.size() >= limits_.crashes) {
        state_ = ChildState::failed;
        return {ChildStep::give_up};
    }
    state_ = ChildState::backing_off;
    return {ChildStep::wait,
            algo::full_jitter(algo::backoff_ceiling(limits_.backoff, failures_before), random_())};
}

}  // namespace singularity::cluster
