// Finds the attack by its name and runs it.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "sandbox/test/attacks/attacker/attack.hpp"

namespace attacker {

namespace {

const Command* first_command = nullptr;

}  // namespace

Command::Command(const char* name_, int (*run_)(Arguments)) : name(name_), run(run_), next(first_command) {
    first_command = this;
}

int got(const char* format, ...) {
    std::fputs("got ", stdout);
    va_list values;
    va_start(values, format);
    std::vprintf(format, values);
    va_end(values);
    std::fputc('\n', stdout);
    return kGot;
}

int denied(const char* what, int error) {
    std::printf("denied %s: %s\n", what, strerrorname_np(error));
    return kDenied;
}

int denied(const char* what) {
    return denied(what, errno);
}

int broken(const char* what) {
    std::printf("broken %s: %s\n", what, std::strerror(errno));
    return kBroken;
}

long number(const char* text) {
    return std::strtol(text, nullptr, 0);
}

const char* argument(Arguments arguments, std::size_t index, const char* otherwise) {
    return index < arguments.size() ? arguments[index] : otherwise;
}

std::string content_of(const char* path, std::size_t most) {
    std::string content;
    const int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) return content;
    char piece[4096];
    ssize_t count = 0;
    while (content.size() < most && (count = read(file, piece, sizeof piece)) > 0)
        content.append(piece, static_cast<std::size_t>(count));
    const int error = errno;
    close(file);
    errno = error;
    return content;
}

}  // namespace attacker

int main(int count, char** values) {
    using namespace attacker;
    if (count < 2) return broken("no name");
    for (const Command* command = first_command; command != nullptr; command = command->next)
        if (std::strcmp(command->name, values[1]) == 0)
            return command->run({values + 2, static_cast<std::size_t>(count - 2)});
    return broken(values[1]);
}
