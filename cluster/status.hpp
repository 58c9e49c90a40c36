// What `singularity status` shows: state/status.json, written by the supervisor at every change.
//
// The file says what was true when it was written; whether a supervisor is there to keep it true is
// what the home's lock says (home_lock.hpp). People's scripts rely on the names of its members.
#pragma once

#include <sys/types.h>

#include <boost/json/value.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/home.hpp"
#include "core/clock.hpp"

namespace singularity::cluster {

struct PartStatus {
    std::string name;
    std::string
        state;  // waiting, starting, recovering, healthy, degraded, restarting, stopping, stopped, failed
    std::optional<pid_t> pid;
    core::Timestamp since;  // when it came into this state
    std::string detail;     // why, or what it is doing; may be empty
};

struct Status {
    std::string state;  // starting, healthy, degraded, stopping, stopped, failed
    std::string home, data_directory;
    std::optional<pid_t> supervisor_pid, postmaster_pid;
    std::optional<std::string> http;
    std::vector<PartStatus> services;  // postgresql first
};

// The state of the whole: degraded as soon as one part that was up is not healthy.
std::string overall_state(const std::vector<PartStatus>& parts, bool was_healthy, bool stopping);

boost::json::value to_json(const Status& status);
std::optional<Status> status_from_json(std::string_view text);

// Nothing runs, and nothing is known about the parts.
Status stopped_status(const Home& home);

core::Expected<void> write_status(const Home& home, const Status& status);
std::optional<Status> read_status(const Home& home);

}  // namespace singularity::cluster
