#include "cluster/run_program.hpp"

#include <fcntl.h>

#include <array>
#include <cerrno>

#include "cluster/os_error.hpp"

namespace singularity::cluster {

namespace {

std::string read_to_end(int fd) {
    std::string text;
    std::array<char, 4096> buffer;
    for (;;) {
        const ssize_t count = ::read(fd, buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return text;
        text.append(buffer.data(), static_cast<std::size_t>(count));
    }
}

}  // namespace

core::Expected<ProgramResult> run_program(const std::vector<std::string>& arguments) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return os_failure("cannot make a pipe");
    const Descriptor reading(ends[0]);
    Descriptor writing(ends[1]);
    auto process = spawn({.program = arguments.front(),
                          .arguments = arguments,
                          .environment = child_environment({"LC_ALL=C"}),
                          .output = writing.get()});
    if (!process) return std::unexpected(std::move(process.error()));
    writing.reset();
    ProgramResult result;
    result.output = read_to_end(reading.get());
    result.status = process->wait();
    return result;
}

}  // namespace singularity::cluster
