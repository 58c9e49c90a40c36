#include "services/nexus/job_watchers.hpp"

#include <boost/asio.hpp>

namespace singularity::services::nexus {

boost::asio::awaitable<void> JobWatchers::run() {
    for (;;) {
        const pgclient::Notification note = co_await listener_.next();
        if (note.resync) {
            for (const auto& [request_id, watcher] : watchers_) watcher->woken_.notify();
            continue;
        }
        const auto [first, last] = watchers_.equal_range(note.payload);
        for (auto place = first; place != last; ++place) place->second->woken_.notify();
    }
}

}  // namespace singularity::services::nexus
