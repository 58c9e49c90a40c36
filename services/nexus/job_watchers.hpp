// Who looks on while jobs run, thousands on one connection that listens on channel job_output. Not
// thread-safe: one executor.
#pragma once

#include <map>
#include <string>

#include "pgclient/listener.hpp"
#include "services/runtime/wakeup.hpp"

namespace singularity::services::nexus {

class JobWatchers {
public:
    class Watcher;

    // `listen` reaches Genesis' database.
    JobWatchers(boost::asio::any_io_executor executor, pgclient::ConnectOptions listen)
        : executor_(std::move(executor)), listener_(std::move(listen), {"job_output"}) {}

    // Hears, until cancelled. Without it nobody is woken.
    boost::asio::awaitable<void> run();

private:
    boost::asio::any_io_executor executor_;
    pgclient::Listener listener_;
    std::multimap<std::string, Watcher*, std::less<>> watchers_;
};

// Woken when its job has written or ended, for as long as it lives; perhaps for nothing.
class JobWatchers::Watcher {
public:
    Watcher(JobWatchers& all, const std::string& request_id)
        : all_(all), woken_(all.executor_), place_(all.watchers_.emplace(request_id, this)) {}
    ~Watcher() { all_.watchers_.erase(place_); }
    Watcher(const Watcher&) = delete;
    Watcher& operator=(const Watcher&) = delete;

    boost::asio::awaitable<void> wait(std::chrono::milliseconds at_most) { return woken_.wait(at_most); }

private:
    friend class JobWatchers;
    JobWatchers& all_;
    Wakeup woken_;
    std::multimap<std::string, Watcher*, std::less<>>::iterator place_;
};

}  // namespace singularity::services::nexus
