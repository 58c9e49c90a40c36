#include "services/runtime/wakeup.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace singularity::services {

void Wakeup::notify() {
    rung_ = true;
    timer_.cancel();
}

boost::asio::awaitable<void> Wakeup::wait(std::chrono::milliseconds at_most) {
    if (!rung_) {
        timer_.expires_after(at_most);
        co_await timer_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    }
    rung_ = false;
}

}  // namespace singularity::services
