#include "services/genesis/admission.hpp"

#include <boost/asio.hpp>

#include <algorithm>

namespace singularity::services::genesis {

namespace asio = boost::asio;

bool Admission::has_room(std::int64_t memory_mb) const {
    return waiters_.empty() && std::min(memory_mb, all_mb_) <= free_mb_;
}

// In the line for as long as it lives. Who is let in and does not take the place, gives it back.
struct Admission::InLine {
    ~InLine() {
        const Waiter was = *waiter;
        admission.waiters_.erase(waiter);
        if (!taken) admission.leave(was.is_in ? was.memory_mb : 0);
    }

    Admission& admission;
    std::list<Waiter>::iterator waiter;
    bool taken = false;
};

asio::awaitable<Admission::Place> Admission::enter(std::int64_t memory_mb, std::int64_t priority) {
    memory_mb = std::min(memory_mb, all_mb_);
    const auto behind =
        std::ranges::find_if(waiters_, [priority](const Waiter& other) { return other.priority < priority; });
    asio::steady_timer admitted(executor_, asio::steady_timer::time_point::max());
    InLine line{*this, waiters_.insert(behind, Waiter{memory_mb, priority, &admitted})};
    admit();
    if (!line.waiter->is_in) co_await admitted.async_wait(asio::as_tuple);
    if (!line.waiter->is_in) throw boost::system::system_error(asio::error::operation_aborted);
    line.taken = true;
    co_return Place(*this, memory_mb);
}

void Admission::leave(std::int64_t memory_mb) {
    free_mb_ += memory_mb;
    admit();
}

void Admission::admit() {
    for (Waiter& waiter : waiters_) {
        if (waiter.is_in) continue;
        if (waiter.memory_mb > free_mb_) return;
        free_mb_ -= waiter.memory_mb;
        waiter.is_in = true;
        waiter.admitted->cancel();
    }
}

}  // namespace singularity::services::genesis
