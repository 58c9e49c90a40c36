// What a data directory says about its server: the pid file, and what is still running on it.
//
// The pid file is PostgreSQL's own and never removed by us: a server that starts decides whether it is
// stale. Source: PostgreSQL's miscadmin.h, LOCK_FILE_LINE_*.
#pragma once

#include <sys/types.h>

#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"

namespace singularity::cluster {

struct PidFile {
    pid_t pid = 0;
    std::string status;  // "starting", "ready", "stopping", "standby"; empty while it is being written
    int shared_memory_id = -1;
};

std::optional<PidFile> parse_pid_file(std::string_view text);
std::optional<PidFile> read_pid_file(const std::filesystem::path& data);

// Whether the last server on it was shut down in order; otherwise the next one recovers first.
bool needs_recovery(const std::filesystem::path& data);

// What a server's environment needs so that it starts on a data directory whose last postmaster is dead
// but not reaped by its parent yet: a pid file that names a zombie would pass for a live server's. It is
// told that the file is of its own family, as pg_ctl does; whether the data directory is free is still
// decided by its shared memory. Empty where there is no zombie.
std::vector<std::string> environment_past_zombie(const std::filesystem::path& data);

// Waits until nothing runs on the data directory any more: a server that lost its supervisor and is
// shutting down, backends that lost their postmaster. Backends that stay are told to quit. Refused
// where a server runs that nobody asked to stop.
boost::asio::awaitable<core::Expected<void>> wait_until_vacant(std::filesystem::path data);

// Asks the server that runs on the data directory, if any, for a fast shutdown, then for an immediate
// one, and waits for its end.
boost::asio::awaitable<void> stop_server(std::filesystem::path data);

}  // namespace singularity::cluster
