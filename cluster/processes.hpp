// What /proc tells about running processes. Only processes of the same user, or all for root, show
// their folder and environment; the others are passed over.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace singularity::cluster {

bool is_running(pid_t pid);  // not a zombie's
bool is_zombie(pid_t pid);   // ended, but its parent has not asked how

// "postgres -D /home/pg": empty where it cannot be read.
std::string command_line(pid_t pid);

// The server's processes on a data directory, which every one of them has as its working folder:
// the postmaster, and backends that outlived one.
std::vector<pid_t> servers_in(const std::filesystem::path& data);

// Processes that were started with NAME=value in their environment.
std::vector<pid_t> started_with(std::string_view assignment);

}  // namespace singularity::cluster
