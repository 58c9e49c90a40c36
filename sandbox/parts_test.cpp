// The sandbox's parts that need no box: bounds, paths, what the machine's files say, lists.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "core/format.hpp"
#include "sandbox/bwrap.hpp"
#include "sandbox/cgroup.hpp"
#include "sandbox/limits_check.hpp"
#include "sandbox/seccomp.hpp"
#include "sandbox/small_file.hpp"

namespace singularity::sandbox {

namespace {

namespace fs = std::filesystem;

class FolderTest : public testing::Test {
protected:
    void SetUp() override { fs::create_directories(folder); }
    void TearDown() override { fs::remove_all(folder); }

    void write(const fs::path& path, std::string_view text) {
        fs::create_directories((folder / path).parent_path());
        std::ofstream(folder / path) << text;
    }
    std::string text(const fs::path& path) { return read_small_file(folder / path).value_or("(missing)"); }

    fs::path folder = fs::temp_directory_path() / core::format("sandbox-parts-{}", ::getpid());
};

TEST(LimitsTest, name_the_first_that_is_out_of_bounds) {
    EXPECT_EQ(refuse_limits(Limits{}), std::nullopt);
    EXPECT_EQ(refuse_limits(Limits{.processes = 0}), "processes is 0, and can be 1 to 32768");
    EXPECT_TRUE(refuse_limits(Limits{.memory_bytes = -1}));
    EXPECT_TRUE(refuse_limits(Limits{.wall = std::chrono::milliseconds::max()}));
    EXPECT_EQ(refuse_limits(WorkspaceLimits{}), std::nullopt);
    EXPECT_TRUE(refuse_limits(WorkspaceLimits{.bytes = std::numeric_limits<std::int64_t>::max()}));
}

TEST(MountTest, refuses_what_would_hide_or_show_too_much) {
    EXPECT_EQ(refuse_mount({"/opt/go", "/opt/go"}), std::nullopt);
    for (const Mount& mount :
         {Mount{"opt", "/x"}, Mount{"/", "/x"}, Mount{"/opt/../etc", "/x"}, Mount{"/opt//a", "/x"},
          Mount{"/opt/", "/x"}, Mount{"/sys", "/x"}, Mount{"/run/user", "/x"}, Mount{"/opt", "/box"},
          Mount{"/opt", "/tmp/x"}, Mount{"/opt", "/sginit"}, Mount{"/opt", "/usr/bin"}}) {
        EXPECT_TRUE(refuse_mount(mount)) << mount.source << " " << mount.destination;
    }
}

TEST(SeccompTest, lists_name_each_call_once) {
    std::set<std::string_view> seen;
    for (const auto list : {allowed_calls(), denied_calls()}) {
        for (const std::string_view call : list) EXPECT_TRUE(seen.insert(call).second) << call;
    }
    EXPECT_EQ(seen.count("io_uring_setup"), 0);
    EXPECT_EQ(seen.count("socket"), 0);
    EXPECT_EQ(seccomp_program().size() % 8, 0);  // whole instructions
}

TEST(CgroupMountsTest, finds_hierarchies_in_mountinfo) {
    const auto mounts = cgroup_mounts(
        "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct\n"
        "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
        "40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd\n"
        "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"
        "nonsense\n");
    EXPECT_EQ(mounts.unified, "/sys/fs/cgroup/unified");
    EXPECT_EQ(mounts.memory, "/sys/fs/cgroup/memory");
    EXPECT_EQ(mounts.cpuacct, "/sys/fs/cgroup/cpu,cpuacct");
    EXPECT_EQ(mounts.pids, "");
    EXPECT_EQ(mounts.freezer, "");
}

TEST_F(FolderTest, reads_numbers_of_the_kernel_s_files) {
    write("number", "42\n");
    write("keyed", "usage_usec_more 1\nusage_usec 7\noom_kill 3\n");
    write("max", "max\n");
    EXPECT_EQ(read_number(folder / "number"), 42);
    EXPECT_EQ(read_number(folder / "max"), std::nullopt);
    EXPECT_EQ(read_number(folder / "none"), std::nullopt);
    EXPECT_EQ(read_keyed_number(folder / "keyed", "usage_usec"), 7);
    EXPECT_EQ(read_keyed_number(folder / "keyed", "oom_kill"), 3);
    EXPECT_EQ(read_keyed_number(folder / "keyed", "oom"), std::nullopt);
}

// With files in place of the kernel's: what is written where, and what is read from where.
TEST_F(FolderTest, speaks_to_the_unified_hierarchy_as_it_is_documented) {
    for (const char* file : {"memory.max", "memory.swap.max", "pids.max", "cgroup.kill"})
        write(fs::path("1") / file, "");
    write("1/cpu.stat", "usage_usec 1500\nuser_usec 1000\n");
    write("1/memory.peak", "4096\n");
    write("1/memory.events", "low 0\noom 1\noom_kill 2\n");
    write("1/pids.peak", "5\n");
    write("1/pids.current", "3\n");
    write("1/cgroup.events", "populated 1\nfrozen 0\n");
    CgroupPlaces places;
    places.tier = Tier::cgroup_v2;
    places.unified = folder;
    Cgroup group(places, "1");
    EXPECT_TRUE(group.set_limits(1'000'000, 10));
    EXPECT_EQ(text("1/memory.max"), "1000000");
    EXPECT_EQ(text("1/memory.swap.max"), "0");
    EXPECT_EQ(text("1/pids.max"), "10");
    const CgroupUsage usage = group.usage();
    EXPECT_EQ(usage.cpu_us, 1500);
    EXPECT_EQ(usage.memory_peak_bytes, 4096);
    EXPECT_EQ(usage.oom_kills, 2);
    EXPECT_EQ(usage.processes_peak, 5);
    EXPECT_EQ(group.processes(), 3);
    EXPECT_TRUE(group.populated());
    group.kill();
    EXPECT_EQ(text("1/cgroup.kill"), "1");
    EXPECT_EQ(group.doors(), std::vector<std::string>{(folder / "1/cgroup.procs").string()});
}

}  // namespace

}  // namespace singularity::sandbox
