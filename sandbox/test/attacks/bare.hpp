// An attack without the layers: the same program as a plain process, shut in an outer cgroup alone.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sandbox/test/attacks/outer_cgroup.hpp"

namespace singularity::sandbox::attacks {

// What a bare attack needs, so that it hurts nobody.
enum class Ground {
    plain,     // as the test itself
    nobody,    // as a user without rights
    apart,     // in mount, process, IPC and host-name namespaces of its own, its folder a small tmpfs
    terminal,  // started from a terminal of its own
};

struct BareRun {
    int code = -1;    // its exit code, 128 and the signal's number where one ended it
    std::string out;  // of both streams, the first 64 KiB
    std::int64_t bytes = 0;
    std::int64_t memory_peak = 0;
    std::vector<pid_t> left;  // processes that were there when it had ended
};

// Runs in a folder of its own that holds the attacker; the caller may put more there before.
class BareFolder {
public:
    BareFolder();
    ~BareFolder();
    BareFolder(const BareFolder&) = delete;
    BareFolder& operator=(const BareFolder&) = delete;

    const std::string& path() const { return path_; }
    // It is ended where it has used more memory than `enough`, since it then has what it wants.
    BareRun run(const std::vector<std::string>& arguments, Ground ground,
                std::int64_t enough = OuterCgroup::kBytes) const;

private:
    std::string path_;
};

// The attacker's program, as built.
std::string attacker_path();

}  // namespace singularity::sandbox::attacks
