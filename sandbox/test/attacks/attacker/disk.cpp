// Bombs of files: bytes, names, depth, descriptors, output.
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "sandbox/test/attacks/attacker/attack.hpp"

namespace attacker {

namespace {

constexpr long kMiB = 1024 * 1024;

// Arguments: folder, MiB in all, MiB in each file.
int fill_folder(Arguments arguments) {
    static char block[kMiB];
    std::memset(block, 1, sizeof block);
    const long each = number(arguments[2]);
    int file = -1;
    for (long i = 0; i < number(arguments[1]); ++i) {
        if (i % each == 0) {
            close(file);
            const std::string path = std::string(arguments[0]) + "/full" + std::to_string(i / each);
            file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
            if (file < 0) return denied("open");
        }
        if (const ssize_t count = write(file, block, sizeof block); count != kMiB)
            return denied("write", count < 0 ? errno : ENOSPC);
    }
    return got("%s MiB in %s", arguments[1], arguments[0]);
}

// Empty files. Arguments: folder, how many.
int inode_bomb(Arguments arguments) {
    for (long i = 0; i < number(arguments[1]); ++i) {
        const std::string path = std::string(arguments[0]) + "/inode" + std::to_string(i);
        const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        if (file < 0) return denied("open");
        close(file);
    }
    return got("%s files", arguments[1]);
}

// A folder in a folder in a folder. What is left must go away with the workspace.
int deep_tree(Arguments arguments) {
    for (long i = 0; i < number(arguments[0]); ++i)
        if (mkdir("deeper", 0700) != 0 || chdir("deeper") != 0) return denied("mkdir");
    return got("%s levels", arguments[0]);
}

int sparse_file(Arguments arguments) {
    const int file = open("sparse", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) return denied("open");
    return ftruncate(file, number(arguments[0]) * kMiB) == 0 ? got("%s MiB of nothing", arguments[0])
                                                             : denied("ftruncate");
}

int descriptor_bomb(Arguments arguments) {
    for (long i = 0; i < number(arguments[0]); ++i)
        if (dup(0) < 0) return denied("dup");
    return got("%s descriptors", arguments[0]);
}

int watch_bomb(Arguments arguments) {
    const int queue = inotify_init1(IN_CLOEXEC);
    if (queue < 0) return denied("inotify_init");
    for (long i = 0; i < number(arguments[0]); ++i) {
        const std::string folder = "watched" + std::to_string(i);
        if (mkdir(folder.c_str(), 0700) != 0) return denied("mkdir");
        if (inotify_add_watch(queue, folder.c_str(), IN_ALL_EVENTS) < 0) return denied("inotify_add_watch");
    }
    return got("%s watches", arguments[0]);
}

// So many MiB to standard output or standard errors (1, 2), whoever reads them.
int flood_output(Arguments arguments) {
    std::signal(SIGPIPE, SIG_IGN);
    static char block[65536];
    std::memset(block, 'y', sizeof block);
    const int file = static_cast<int>(number(arguments[1]));
    for (long bytes = 0; bytes < number(arguments[0]) * kMiB;) {
        const ssize_t count = write(file, block, sizeof block);
        if (count < 0) return denied("write");
        bytes += count;
    }
    return kGot;
}

const Command kCommands[] = {
    {"fill", fill_folder},          {"inode_bomb", inode_bomb},           {"deep_tree", deep_tree},
    {"sparse_file", sparse_file},   {"descriptor_bomb", descriptor_bomb}, {"watch_bomb", watch_bomb},
    {"flood_output", flood_output},
};

}  // namespace

}  // namespace attacker
