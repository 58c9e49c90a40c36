#include "sandbox/event_loop.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace singularity::sandbox {

EventLoop::EventLoop() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    if (!epoll_) throw std::system_error(errno, std::generic_category(), "epoll_create1");
}

void EventLoop::watch(int descriptor, std::function<void()> ready) {
    epoll_event event{.events = EPOLLIN, .data = {.fd = descriptor}};
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event) != 0) {
        throw std::system_error(errno, std::generic_category(), "epoll_ctl");
    }
    watched_[descriptor] = std::move(ready);
}

void EventLoop::forget(int descriptor) {
    if (watched_.erase(descriptor) > 0) ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, descriptor, nullptr);
}

// What is called may forget any descriptor, its own too.
void EventLoop::dispatch(int descriptor) {
    const auto found = watched_.find(descriptor);
    if (found == watched_.end()) return;
    const auto ready = found->second;
    ready();
}

void EventLoop::run() {
    using std::chrono::ceil, std::chrono::milliseconds;
    while (!stopped_) {
        const auto until = rest_();
        if (stopped_) return;
        int timeout = -1;
        if (until) {
            const auto left = ceil<milliseconds>(*until - std::chrono::steady_clock::now()).count();
            timeout = static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
        }
        std::array<epoll_event, 32> events;
        const int count = ::epoll_wait(epoll_.get(), events.data(), events.size(), timeout);
        for (int i = 0; i < count; ++i) dispatch(events[static_cast<std::size_t>(i)].data.fd);
    }
}

}  // namespace singularity::sandbox
