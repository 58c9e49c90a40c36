#include "sandbox/test/attacks/bare.hpp"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>

namespace singularity::sandbox::attacks {

namespace {

namespace fs = std::filesystem;

constexpr uid_t kNobody = 65534;

int code_of(int status) {
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void become_nobody() {
    if (setgroups(0, nullptr) != 0 || setgid(kNobody) != 0 || setuid(kNobody) != 0) _exit(99);
}

// Goes on in a child that is process 1 of its namespace; its end becomes ours.
void go_apart(const std::string& folder) {
    if (unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC) != 0) _exit(99);
    if (const pid_t child = fork(); child != 0) {
        int status = 0;
        waitpid(child, &status, 0);
        _exit(code_of(status));
    }
    const bool mounted = mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                         mount("none", folder.c_str(), "tmpfs", 0, "size=512m,mode=0777") == 0 &&
                         mount("proc", "/proc", "proc", 0, nullptr) == 0;
    if (!mounted) _exit(99);
}

void take_terminal() {
    const int terminal = posix_openpt(O_RDWR | O_NOCTTY);
    if (terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0) _exit(99);
    setsid();
    const int end = open(ptsname(terminal), O_RDWR);  // NOLINT(concurrency-mt-unsafe): in a forked child
    if (end < 0 || ioctl(end, TIOCSCTTY, 0) != 0 || dup2(end, 0) != 0) _exit(99);
}

[[noreturn]] void attack(const std::vector<std::string>& arguments, const std::string& folder,
                         Ground ground) {
    std::vector<char*> words;
    words.reserve(arguments.size() + 1);
    for (const std::string& word : arguments) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    if (ground == Ground::apart) go_apart(folder);
    if (ground == Ground::terminal) take_terminal();
    if (ground == Ground::nobody) become_nobody();
    if (chdir(folder.c_str()) != 0) _exit(99);
    execv(words[0], words.data());
    _exit(98);
}

// Reads until the program has ended; what stays behind may hold the pipe open.
void read_output(int pipe, pid_t process, BareRun& run, const std::function<void()>& watch) {
    char piece[65536];
    int status = 0;
    for (bool ended = false;;) {
        pollfd ready{pipe, POLLIN, 0};
        if (poll(&ready, 1, ended ? 0 : 10) == 0) watch();
        const ssize_t count =
            (ready.revents & (POLLIN | POLLHUP)) != 0 ? read(pipe, piece, sizeof piece) : -1;
        if (count > 0) run.bytes += count;
        if (count > 0 && run.out.size() < sizeof piece)
            run.out.append(piece, static_cast<std::size_t>(count));
        if (ended && count <= 0) return;
        if (!ended && waitpid(process, &status, WNOHANG) == process) {
            ended = true;
            run.code = code_of(status);
        }
    }
}

}  // namespace

std::string attacker_path() {
    return (fs::canonical("/proc/self/exe").parent_path() / "sandbox_attacker").string();
}

BareFolder::BareFolder() {
    std::string name = (fs::temp_directory_path() / "attack-bare-XXXXXX").string();
    path_ = mkdtemp(name.data());
    fs::permissions(path_, fs::perms::all);
}

BareFolder::~BareFolder() {
    // A tree too deep for paths of the standard library's.
    if (const pid_t child = fork(); child == 0) {
        execlp("rm", "rm", "-rf", "--", path_.c_str(), nullptr);
        _exit(99);
    } else {
        waitpid(child, nullptr, 0);
    }
}

BareRun BareFolder::run(const std::vector<std::string>& arguments, Ground ground, std::int64_t enough) const {
    OuterCgroup cgroup;
    BareRun run;
    if (!cgroup.holds()) return run;
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return run;
    const pid_t process = fork();
    if (process == 0) {
        cgroup.enter();
        dup2(open("/dev/null", O_RDONLY), 0);
        dup2(ends[1], 1);
        dup2(ends[1], 2);
        attack(arguments, path_, ground);
    }
    close(ends[1]);
    read_output(ends[0], process, run, [&] {
        if (cgroup.memory_peak() > enough) cgroup.end_all();
    });
    run.left = cgroup.processes();
    cgroup.end_all();
    run.memory_peak = cgroup.memory_peak();
    close(ends[0]);
    return run;
}

}  // namespace singularity::sandbox::attacks
