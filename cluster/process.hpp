// Child processes: started in a session of their own, watched through a pidfd, gone when we are gone.
//
// A child gets /dev/null, one file for its output and of what else we have open only what is named. The
// kernel sends it `death_signal` when the *thread* that started it ends, however that happens: start children
// from a thread that outlives them. Source: prctl(2) PR_SET_PDEATHSIG, pidfd_open(2).
#pragma once

#include <sys/types.h>

#include <csignal>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cluster/descriptor.hpp"
#include "core/error.hpp"

namespace singularity::cluster {

struct Command {
    std::string program;                   // the path to execute; /proc/self/exe is this very program
    std::vector<std::string> arguments;    // argv, the program's own name first
    std::vector<std::string> environment;  // the whole of it, NAME=value
    int output = -1;                       // standard output and error; borrowed
    std::vector<int> passed{};             // descriptors that it has under the same numbers; borrowed
    int death_signal = SIGTERM;
    bool no_new_privileges = false;
};

struct ExitStatus {
    bool by_signal = false;
    int value = 0;  // the exit code or the signal

    bool success() const { return !by_signal && value == 0; }
    std::string describe() const;  // "exited with 1", "was killed by signal 9 (Killed)"
};

class Process {
public:
    Process(pid_t pid, Descriptor pidfd) : pid_(pid), pidfd_(std::move(pidfd)) {}

    pid_t pid() const { return pid_; }
    int pidfd() const { return pidfd_.get(); }  // becomes readable when the process has ended

    void send(int signal) const;

    ExitStatus wait();  // blocks until it has ended, and reaps it

private:
    pid_t pid_;
    Descriptor pidfd_;
};

// The error says why the program could not be executed.
core::Expected<Process> spawn(const Command& command);

// Where this very program lies. To execute it again take /proc/self/exe, which needs no right to go there.
std::filesystem::path own_program();

// Our environment for a child: without what would lead libpq or a notification astray, plus `additions`.
std::vector<std::string> child_environment(const std::vector<std::string>& additions);

}  // namespace singularity::cluster
