// Bombs of files and of output.
#include <gtest/gtest.h>

#include <csignal>

#include "sandbox/test/attacks/attack.hpp"
#include "sandbox/test/attacks/attacker/attack.hpp"

namespace singularity::sandbox::attacks {

namespace {

using namespace std::chrono_literals;

constexpr WorkspaceLimits kNarrow{.bytes = 8 * kMiB, .files = 200};

Attack fills(const char* name, const std::string& folder, const char* layers) {
    return refused(name,
                   {.line = "fill " + folder + " 200 8",
                    .bare = "fill . 200 8",
                    .ground = Ground::apart,
                    .space = kNarrow},
                   "ENOSPC|EROFS|EACCES|ENOENT|EPERM", layers);
}

// More than what is kept comes out of neither stream.
Attack floods(const char* name, const char* line, StreamTotal Ending::* stream) {
    static constexpr Limits kLimits{.wall = 5s, .output_bytes = 100'000};
    const auto in_box = [line, stream] {
        const BoxRun run = stage().attack(line, kLimits);
        EXPECT_EQ(run.ending.cause, Cause::output_limit);
        EXPECT_TRUE((run.ending.*stream).truncated);
        EXPECT_LE(run.out.size() + run.err.size(), 100'000U);
        stage().expect_unharmed(run);
    };
    const auto bare = [line] {
        const Targets targets;
        const BareRun run = BareFolder().run(bare_words(line, targets), Ground::plain);
        if (run.code == -1) GTEST_SKIP() << "no cgroup to hold a bare attack";
        EXPECT_EQ(run.code, attacker::kGot);
        EXPECT_GT(run.bytes, 16 * kMiB - 1);
    };
    return {.category = {},
            .name = name,
            .layers = "client, launcher",
            .result = "ended: output",
            .in_box = in_box,
            .bare = bare};
}

}  // namespace

std::vector<Attack> disk_attacks() {
    return in_category(
        "files and output",
        {fills("fills_its_folder", ".", "tmpfs size"), fills("fills_tmp", "/tmp", "tmpfs size"),
         fills("fills_shared_memory", "/dev/shm", "tmpfs size"),
         fills("fills_the_root", "/", "read-only mounts"), fills("fills_dev", "/dev", "read-only mounts"),
         refused("makes_files_without_end",
                 {.line = "inode_bomb . 1000", .ground = Ground::apart, .space = kNarrow}, "ENOSPC",
                 "tmpfs inodes"),
         refused("makes_files_in_tmp_without_end",
                 {.line = "inode_bomb /tmp 20000", .bare = "inode_bomb . 20000", .ground = Ground::apart},
                 "ENOSPC", "tmpfs inodes"),
         refused("makes_a_deep_tree", {.line = "deep_tree 400", .space = kNarrow}, "ENOSPC", "tmpfs inodes"),
         refused("watches_without_end", {.line = "watch_bomb 300", .ground = Ground::apart, .space = kNarrow},
                 "ENOSPC|EMFILE", "tmpfs inodes"),
         refused("opens_files_without_end", {.line = "descriptor_bomb 900"}, "EMFILE", "rlimits"),
         signalled("makes_a_huge_file", {.line = "fill . 32 32", .ground = Ground::apart}, SIGXFSZ,
                   "rlimits"),
         signalled("makes_a_sparse_file", {.line = "sparse_file 1048576", .ground = Ground::apart}, SIGXFSZ,
                   "rlimits"),
         ended("fills_its_folder_beyond_its_memory",
               {.line = "fill . 200 8",
                .ground = Ground::apart,
                .limits = {.memory_bytes = 64 * kMiB},
                .space = {.bytes = 256 * kMiB}},
               Cause::memory_limit, "memory cgroup"),
         floods("floods_output", "flood_output 16 1", &Ending::out),
         floods("floods_errors", "flood_output 16 2", &Ending::err)});
}

}  // namespace singularity::sandbox::attacks
