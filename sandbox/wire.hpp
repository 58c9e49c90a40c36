// What goes over the sandbox's sockets: fixed structures in the machine's own order, one a packet (all are
// SOCK_SEQPACKET between processes of one machine), some followed by text. Descriptors travel beside them.
// docs/sandbox.md has the conversation. Freestanding: the box's process 1 includes it too.
#pragma once

#include <cstdint>

namespace singularity::sandbox::wire {

inline constexpr std::uint32_t kMaxPacket = 32 * 1024;
inline constexpr std::uint32_t kMaxMounts = 16;
inline constexpr std::uint32_t kMaxFiles = 4096;
inline constexpr std::uint32_t kMaxStrings = 8192;  // arguments and environment together

// To the launcher. The first two go over the launcher's own socket with a control socket as descriptor, over
// which the answers come; the others over that control socket.
enum class Ask : std::uint32_t {
    tier = 1,
    open,    // a workspace: bytes, files; text: source NUL destination NUL of each mount
    box,     // the socket of a box's process 1, of any that is up
    start,   // the same of a box in which nothing ran yet; cpu, wall and the other limits hold from now on
    finish,  // the program has ended: what did it use?
    kill,    // end the box now, for `reason`
};

struct Request {
    Ask ask{};
    std::uint32_t mounts{};
    std::int64_t bytes{}, files{};
    std::int64_t cpu_us{}, wall_us{}, memory_bytes{}, processes{};
    std::uint32_t reason{};  // a Cause
    std::uint32_t padding{};
};

// What the launcher answers; `failed` is followed by a text that says why.
struct Answer {
    Ask ask{};
    std::uint32_t failed{};
    std::uint32_t tier{}, cause{};
    std::int64_t wall_us{}, cpu_us{}, memory_peak_bytes{}, oom_kills{}, processes_peak{};
};

// To process 1 of a box. The payload is a file in memory, passed as the first descriptor.
enum class Order : std::uint32_t {
    put = 1,  // count files, each a FileHeader, its path and its content
    run,      // count arguments, environment strings, the folder, each with its NUL; stdin, stdout, stderr
    take,  // count paths, each with its NUL; a pipe, into which an ArtifactHeader and the content go for each
};

struct Command {
    Order order{};
    std::uint32_t count{}, environment{};
    std::uint32_t padding{};
    std::uint64_t payload_bytes{};
    std::int64_t file_bytes{}, open_files{}, cpu_seconds{};
    std::int64_t data_bytes{}, processes{};  // of one process, of the user: 0 where a cgroup holds them
    std::int64_t max_bytes{};
};

struct FileHeader {
    std::uint32_t path_bytes{}, executable{};
    std::uint64_t content_bytes{};
};

struct ArtifactHeader {
    std::uint32_t problem{}, padding{};
    std::int64_t bytes{}, content_bytes{};
};

enum class Problem : std::uint32_t { none, missing, not_regular, has_links, unreadable, bad_path, kCount };

struct Report {
    Order order{};
    std::int32_t error{};   // errno, of a put
    std::uint32_t index{};  // which file
    std::int32_t status{};  // of a run, as wait() has it
    std::int64_t max_rss_bytes{}, cpu_us{};
};

}  // namespace singularity::sandbox::wire
