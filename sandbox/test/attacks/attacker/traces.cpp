// What one job leaves for the next, and processes that stay when the job is over.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstring>

#include "sandbox/test/attacks/attacker/attack.hpp"

namespace attacker {

namespace {

int bind_name(const char* name) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path + 1, name);
    const int endpoint = socket(AF_UNIX, SOCK_STREAM, 0);
    const auto length = offsetof(sockaddr_un, sun_path) + 1 + std::strlen(name);
    if (endpoint < 0 ||
        bind(endpoint, reinterpret_cast<sockaddr*>(&address), static_cast<socklen_t>(length)) != 0)
        return -1;
    return listen(endpoint, 1);
}

// A process that no parent, session or signal reaches. It holds our output open unless told "silent".
int stay_behind(Arguments arguments) {
    if (fork() > 0) return got("a process that stays");
    setsid();
    if (fork() > 0) _exit(0);
    for (int signal = 1; signal < 64; ++signal) std::signal(signal, SIG_IGN);
    if (std::strcmp(argument(arguments, 0, ""), "silent") == 0)
        for (int file = 0; file < 3; ++file) close(file);
    while (true) pause();
}

// Marks every place that could outlive a job: MARK, then folders, "objects" or "stay".
int leave_traces(Arguments arguments) {
    const char* mark = arguments[0];
    for (const char* place : arguments.subspan(1)) {
        if (std::strcmp(place, "stay") == 0) {
            if (write(1, "planted\n", 8) != 8) return broken("write");
            while (true) pause();
        }
        if (std::strcmp(place, "objects") == 0) {
            shmget(0x7ace, 4096, IPC_CREAT | 0666);
            bind_name(mark);
            continue;
        }
        const std::string path = std::string(place) + "/" + mark;
        close(open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666));
    }
    return got("traces");
}

// The first of these marks that is there.
int find_traces(Arguments arguments) {
    for (const char* folder : {"/tmp", "/dev/shm", "/var/tmp", "/dev", "/", "/box", "."}) {
        const std::string path = std::string(folder) + "/" + arguments[0];
        if (access(path.c_str(), F_OK) == 0) return got("%s", path.c_str());
    }
    if (shmget(0x7ace, 0, 0) >= 0) return got("shared memory");
    if (bind_name(arguments[0]) != 0) return got("the socket");
    // In a box of its own the program is one of two processes.
    for (int process = 3; process < 32768; ++process)
        if (process != getpid() && kill(process, 0) == 0) return got("process %d", process);
    return denied("no trace", ENOENT);
}

const Command kCommands[] = {
    {"stay_behind", stay_behind}, {"leave_traces", leave_traces}, {"find_traces", find_traces}};

}  // namespace

}  // namespace attacker
