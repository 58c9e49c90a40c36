// Hands files out through a pipe: regular ones below the workspace, reached without a link, with one name.
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "sandbox/init/init.hpp"

namespace singularity::sandbox::init {

namespace {

constexpr std::uint64_t kInside =
    RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;

char g_buffer[64 * 1024];

bool write_all(int pipe, const void* data, std::size_t size) {
    const auto* at = static_cast<const char*>(data);
    while (size > 0) {
        const ssize_t written = ::write(pipe, at, size);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        at += written;
        size -= static_cast<std::size_t>(written);
    }
    return true;
}

int open_file(int box, const char* path, wire::Problem& problem) {
    if (!allowed_path(path, std::strlen(path))) {
        problem = wire::Problem::bad_path;
        return -1;
    }
    open_how how{
        .flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, .mode = 0, .resolve = kInside};
    const int file = static_cast<int>(::syscall(SYS_openat2, box, path, &how, sizeof how));
    if (file >= 0) return file;
    if (errno == ENOENT || errno == ENOTDIR) problem = wire::Problem::missing;
    else if (errno == ELOOP || errno == EXDEV || errno == ENXIO) problem = wire::Problem::not_regular;
    else problem = wire::Problem::unreadable;
    return -1;
}

// Exactly `size` bytes follow the header, whatever happens to the file meanwhile.
bool send_content(int pipe, int file, std::int64_t size) {
    while (size > 0) {
        const auto wanted = static_cast<std::size_t>(std::min<std::int64_t>(size, sizeof g_buffer));
        ssize_t count = ::read(file, g_buffer, wanted);
        if (count <= 0) {
            std::memset(g_buffer, 0, wanted);
            count = static_cast<ssize_t>(wanted);
        }
        if (!write_all(pipe, g_buffer, static_cast<std::size_t>(count))) return false;
        size -= count;
    }
    return true;
}

bool hand_out_one(const Job& job, int box, const char* path) {
    wire::ArtifactHeader header{};
    wire::Problem problem = wire::Problem::none;
    const int file = open_file(box, path, problem);
    struct stat found{};
    if (file >= 0 && ::fstat(file, &found) != 0) problem = wire::Problem::unreadable;
    else if (file >= 0 && !S_ISREG(found.st_mode)) problem = wire::Problem::not_regular;
    else if (file >= 0 && found.st_nlink != 1) problem = wire::Problem::has_links;
    header.problem = static_cast<std::uint32_t>(problem);
    if (problem == wire::Problem::none) {
        header.bytes = found.st_size;
        header.content_bytes = std::min<std::int64_t>(found.st_size, job.command.max_bytes);
    }
    const int pipe = job.descriptors[0];
    const bool sent =
        write_all(pipe, &header, sizeof header) && send_content(pipe, file, header.content_bytes);
    if (file >= 0) ::close(file);
    return sent;
}

}  // namespace

wire::Report hand_out(const Job& job, int box) {
    Reader reader(job.payload, job.command.payload_bytes);
    wire::Report report{};
    for (; report.index < job.command.count; ++report.index) {
        const char* path = reader.string();
        if (path == nullptr || !hand_out_one(job, box, path)) break;
    }
    ::close(job.descriptors[0]);
    return report;
}

}  // namespace singularity::sandbox::init
