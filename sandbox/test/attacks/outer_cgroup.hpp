// What a bare attack is shut in, since nothing else holds it: at most 512 processes and 1 GB.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace singularity::sandbox::attacks {

class OuterCgroup {
public:
    static constexpr std::int64_t kProcesses = 512;
    static constexpr std::int64_t kBytes = std::int64_t{1} << 30;

    OuterCgroup();
    ~OuterCgroup();  // ends what is still in it
    OuterCgroup(const OuterCgroup&) = delete;
    OuterCgroup& operator=(const OuterCgroup&) = delete;

    // Whether both bounds hold; nothing is attacked bare where they don't.
    bool holds() const { return holds_; }
    // The calling process enters; between fork and exec.
    void enter() const;
    std::vector<pid_t> processes() const;
    // Ends all and waits until none is left.
    void end_all();
    std::int64_t memory_peak() const;

private:
    // One folder of the unified hierarchy, or one of each of two controllers.
    std::vector<std::string> folders_;
    std::string memory_;
    bool unified_ = false, holds_ = false;
};

}  // namespace singularity::sandbox::attacks
