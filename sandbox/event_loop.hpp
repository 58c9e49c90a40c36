// A loop over descriptors and one timer, for the launcher: one thread and no library, since it keeps root.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>

#include "core/descriptor.hpp"

namespace singularity::sandbox {

class EventLoop {
public:
    using Time = std::chrono::steady_clock::time_point;

    EventLoop();

    // Called each time that `descriptor` is readable or at its end, until it is forgotten.
    void watch(int descriptor, std::function<void()> ready);
    void forget(int descriptor);

    // Called after each round; says when it wants to be called again at the latest.
    void at_rest(std::function<std::optional<Time>()> rest) { rest_ = std::move(rest); }

    void run();
    void stop() { stopped_ = true; }

private:
    void dispatch(int descriptor);

    core::Descriptor epoll_;
    std::map<int, std::function<void()>> watched_;
    std::function<std::optional<Time>()> rest_;
    bool stopped_ = false;
};

}  // namespace singularity::sandbox
