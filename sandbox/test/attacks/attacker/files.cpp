// Host files: by path, by handle, through links, through /proc, with more rights.
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <vector>

#include "sandbox/test/attacks/attacker/attack.hpp"

namespace attacker {

namespace {

// The first of the paths that can be read.
int read_file(Arguments paths) {
    for (const char* path : paths) {
        const std::string content = content_of(path, 256);
        if (!content.empty()) return got("%s: %s", path, content.c_str());
    }
    return denied(paths.back());
}

int write_file(Arguments paths) {
    for (const char* path : paths) {
        const int file = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK);
        if (file >= 0) return got("%s open for writing", path);
    }
    return denied(paths.back());
}

int create_file(Arguments folders) {
    for (const char* folder : folders) {
        const int file = open((std::string(folder) + "/planted").c_str(), O_WRONLY | O_CREAT, 0666);
        if (file >= 0) return got("a file in %s", folder);
    }
    return denied(folders.back());
}

int list_folder(Arguments paths) {
    for (const char* path : paths) {
        DIR* folder = opendir(path);
        if (folder == nullptr) continue;
        errno = ENOENT;
        while (const dirent* entry = readdir(folder))
            if (entry->d_name[0] != '.') return got("%s/%s", path, entry->d_name);
    }
    return denied(paths.back());
}

// ".." more often than there are folders, then down to the file.
int climb(Arguments arguments) {
    std::string path;
    for (int i = 0; i < 64; ++i) path += "../";
    path += arguments[0];
    const std::string content = content_of(path.c_str());
    return content.empty() ? denied("climb") : got("%s", content.c_str());
}

// The old way out of chroot: one root below, the working folder stays above.
int chroot_escape(Arguments arguments) {
    mkdir("cell", 0700);
    if (chroot("cell") != 0) return denied("chroot");
    return climb(arguments);
}

// A file by the number of its inode, whatever is mounted over the way to it.
int open_by_handle(Arguments arguments) {
    alignas(file_handle) char space[sizeof(file_handle) + MAX_HANDLE_SZ];
    auto* handle = reinterpret_cast<file_handle*>(space);
    handle->handle_bytes = MAX_HANDLE_SZ;
    int mount_id = 0;
    if (name_to_handle_at(AT_FDCWD, arguments[0], handle, &mount_id, 0) != 0)
        return denied("name_to_handle_at");
    const int root = open(arguments[0], O_RDONLY);
    const int file = open_by_handle_at(root, handle, O_RDONLY);
    return file < 0 ? denied("open_by_handle_at") : got("a file without its path");
}

int link_file(Arguments arguments) {
    if (linkat(AT_FDCWD, arguments[0], AT_FDCWD, "linked", 0) != 0) return denied("linkat");
    return got("a second name of %s", arguments[0]);
}

int read_through_symlink(Arguments arguments) {
    unlink("symbolic");
    if (symlink(arguments[0], "symbolic") != 0) return denied("symlink");
    const std::string content = content_of("symbolic");
    return content.empty() ? denied("open") : got("%s", content.c_str());
}

// Whether the child runs another program by now, or has ended.
bool runs_another(const std::string& folder) {
    struct stat mine{}, its{};
    stat("/proc/self/exe", &mine);
    if (stat((folder + "/exe").c_str(), &its) != 0 || its.st_ino != mine.st_ino) return true;
    return content_of((folder + "/status").c_str()).find("State:\tZ") != std::string::npos;
}

// Whether a program's set-user-id bit gives it another effective user than ours.
int run_setuid(Arguments arguments) {
    int gate[2];
    if (pipe2(gate, O_CLOEXEC) != 0) return broken("pipe");
    const pid_t child = fork();
    if (child == 0) {
        dup2(gate[0], 0);
        execl(arguments[0], arguments[0], "wait", nullptr);
        _exit(errno);
    }
    const std::string folder = "/proc/" + std::to_string(child);
    while (!runs_another(folder)) sched_yield();
    const std::string status = content_of((folder + "/status").c_str());
    int real = -1, effective = -1;
    const auto line = status.find("Uid:");
    if (line != std::string::npos) std::sscanf(status.c_str() + line, "Uid:\t%d\t%d", &real, &effective);
    close(gate[1]);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    return real == effective ? denied("another user", EPERM) : got("user %d", effective);
}

// Goes on as a program that lies in memory alone.
int from_memory(Arguments arguments) {
    const int program = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    const int memory = memfd_create("program", MFD_CLOEXEC);
    if (program < 0 || memory < 0) return denied("memfd_create");
    while (sendfile(memory, program, nullptr, 1 << 20) > 0) continue;
    std::vector<char*> words{const_cast<char*>("from memory")};
    words.insert(words.end(), arguments.begin(), arguments.end());
    words.push_back(nullptr);
    fexecve(memory, words.data(), environ);
    return denied("fexecve");
}

// Until its input ends.
int wait_for_input(Arguments) {
    char byte;
    while (read(0, &byte, 1) > 0) continue;
    return got("the end of the input");
}

const Command kCommands[] = {
    {"read_file", read_file},
    {"write_file", write_file},
    {"create_file", create_file},
    {"list_folder", list_folder},
    {"climb", climb},
    {"chroot_escape", chroot_escape},
    {"open_by_handle", open_by_handle},
    {"link_file", link_file},
    {"run_setuid", run_setuid},
    {"read_through_symlink", read_through_symlink},
    {"wait", wait_for_input},
    {"from_memory", from_memory},
};

}  // namespace

}  // namespace attacker
