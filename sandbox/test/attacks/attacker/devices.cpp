// Devices, terminals, and what the kernel writes for root.
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "sandbox/test/attacks/attacker/attack.hpp"

namespace attacker {

namespace {

// A device file of our own, opened. Arguments: b or c, major, minor.
int make_device(Arguments arguments) {
    const mode_t kind = arguments[0][0] == 'b' ? S_IFBLK : S_IFCHR;
    unlink("device");
    if (mknod("device", kind | 0600, makedev(number(arguments[1]), number(arguments[2]))) != 0)
        return denied("mknod");
    return open("device", O_RDONLY | O_NONBLOCK) < 0 ? denied("open") : got("the device");
}

// Reads the first bytes of a device (a disk, memory) that is already there.
int open_device(Arguments paths) {
    int error = ENOENT;
    for (const char* path : paths) {
        if (open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC) >= 0) return got("%s", path);
        if (errno != ENOENT) error = errno;
    }
    return denied("every device", error);
}

// Types into the terminal that we were started from.
int type_into_terminal(Arguments) {
    const int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC);
    if (terminal < 0) return denied("/dev/tty");
    char key = 'x';
    return ioctl(terminal, TIOCSTI, &key) == 0 ? got("a key pressed") : denied("TIOCSTI");
}

// Gets hold of the terminal behind standard input, output or errors.
int find_terminal(Arguments) {
    for (int file = 0; file < 3; ++file)
        if (isatty(file)) return got("%s", ttyname(file));
    return denied("isatty", ENOTTY);
}

int escape_sequences(Arguments) {
    const char text[] = "\033]0;owned\007\033[2J\033[6n\033P+q544e\033\\\233c\0end";
    return write(1, text, sizeof text - 1) == sizeof text - 1 ? kGot : kBroken;
}

const Command kCommands[] = {
    {"make_device", make_device},
    {"open_device", open_device},
    {"type_into_terminal", type_into_terminal},
    {"find_terminal", find_terminal},
    {"escape_sequences", escape_sequences},
};

}  // namespace

}  // namespace attacker
