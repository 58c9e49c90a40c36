// What a process has about it: environment, descriptors, keyrings, what /proc tells of others.
#include <dirent.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "sandbox/test/attacks/attacker/attack.hpp"

namespace attacker {

namespace {

std::vector<std::string> names_in(const char* path, bool numbers_only) {
    std::vector<std::string> names;
    DIR* folder = opendir(path);
    while (const dirent* entry = folder != nullptr ? readdir(folder) : nullptr)
        if (entry->d_name[0] != '.' && (!numbers_only || std::isdigit(entry->d_name[0]) != 0))
            names.emplace_back(entry->d_name);
    if (folder != nullptr) closedir(folder);
    return names;
}

// A word in the environment of any process, of our parents above all.
int find_in_environment(Arguments arguments) {
    if (const char* value = std::getenv(arguments[0])) return got("%s=%s", arguments[0], value);
    for (const std::string& process : names_in("/proc", true)) {
        const std::string path = "/proc/" + process + "/environ";
        if (content_of(path.c_str(), 1 << 20).find(arguments[0]) != std::string::npos)
            return got("%s in %s", arguments[0], path.c_str());
    }
    return denied("no environment has it", ENOENT);
}

// A word in any process' command line. It comes in two halves, lest our own have it.
int find_in_command_lines(Arguments arguments) {
    const std::string word = std::string(arguments[0]) + arguments[1];
    for (const std::string& process : names_in("/proc", true)) {
        const std::string path = "/proc/" + process + "/cmdline";
        if (content_of(path.c_str()).find(word) != std::string::npos)
            return got("%s in %s", word.c_str(), path.c_str());
    }
    return denied("no command line has it", ENOENT);
}

// A descriptor beyond the three, or one of the three that is more than a pipe or memory without a name.
int find_descriptors(Arguments) {
    for (int file = 0; file < 65536; ++file) {
        struct stat status{};
        if (fstat(file, &status) != 0) continue;
        if (file > 2) return got("descriptor %d, mode %o", file, status.st_mode);
        const bool nameless = S_ISREG(status.st_mode) && status.st_nlink == 0;
        if (!S_ISFIFO(status.st_mode) && !S_ISCHR(status.st_mode) && !nameless)
            return got("more than a pipe");
    }
    return denied("descriptors", EBADF);
}

// Host files below a folder that somebody left open.
int climb_from_descriptor(Arguments arguments) {
    for (int file = 3; file < 1024; ++file) {
        const int found = openat(file, arguments[0], O_RDONLY | O_CLOEXEC);
        if (found >= 0) return got("%s below descriptor %d", arguments[0], file);
    }
    return denied("openat", EBADF);
}

// The descriptors of a process, opened again: "parent", or a number.
int reopen_descriptors_of(Arguments arguments) {
    const std::string process =
        std::strcmp(arguments[0], "parent") == 0 ? std::to_string(getppid()) : arguments[0];
    const std::string folder = "/proc/" + process + "/fd";
    int error = ENOENT;
    for (int file = 0; file < 64; ++file) {
        const std::string path = folder + "/" + std::to_string(file);
        const int copy = open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
        // Its end of a pipe that we have ourselves is no news.
        struct stat there{};
        if (copy < 0) {
            if (errno == EACCES || errno == EPERM) error = errno;
            continue;
        }
        fstat(copy, &there);
        bool ours = false;
        for (int mine = 0; mine < 3; ++mine) {
            struct stat here{};
            ours = ours || (fstat(mine, &here) == 0 && here.st_ino == there.st_ino);
        }
        if (!ours) return got("%s", path.c_str());
    }
    return denied(folder.c_str(), error);
}

// A key by its description, in the keyrings that we were born with.
int read_key(Arguments arguments) {
    const auto keyctl = [](long operation, auto... values) {
        return syscall(SYS_keyctl, operation, values...);
    };
    const long key = keyctl(KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", arguments[0], 0);
    if (key < 0) return denied("keyctl");
    char content[64] = "";
    const long length = keyctl(KEYCTL_READ, key, content, sizeof content - 1);
    return length < 0 ? denied("KEYCTL_READ") : got("%s", content);
}

int change_key(Arguments arguments) {
    const long key = syscall(SYS_add_key, "user", arguments[0], "owned", 5L, KEY_SPEC_SESSION_KEYRING);
    return key < 0 ? denied("add_key") : got("the key replaced");
}

int see_process(Arguments arguments) {
    const std::string path = std::string("/proc/") + arguments[0] + "/status";
    const std::string status = content_of(path.c_str());
    return status.empty() ? denied(path.c_str()) : got("%.20s", status.c_str());
}

const Command kCommands[] = {
    {"find_in_environment", find_in_environment},
    {"find_in_command_lines", find_in_command_lines},
    {"find_descriptors", find_descriptors},
    {"climb_from_descriptor", climb_from_descriptor},
    {"reopen_descriptors_of", reopen_descriptors_of},
    {"read_key", read_key},
    {"change_key", change_key},
    {"see_process", see_process},
};

}  // namespace

}  // namespace attacker
