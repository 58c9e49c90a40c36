// Opening and reading what may be anything: never follows a link, never blocks, never reads too much.
#pragma once

#include <fcntl.h>

#include <cstdint>
#include <expected>
#include <string>
#include <utility>

#include "analysis/tree_walk.hpp"

namespace singularity::analysis {

inline constexpr std::uint64_t kIgnoreFileBytes = 1 << 20;

class FileDescriptor {
public:
    explicit FileDescriptor(int descriptor) : descriptor_(descriptor) {}
    ~FileDescriptor();
    FileDescriptor(FileDescriptor&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    FileDescriptor& operator=(FileDescriptor&&) = delete;

    bool is_open() const { return descriptor_ >= 0; }
    int get() const { return descriptor_; }
    int release() { return std::exchange(descriptor_, -1); }

private:
    int descriptor_;
};

// The bytes of a regular file below `folder` (or AT_FDCWD), at most `limit`; else the reason to skip it.
std::expected<std::string, SkipReason> read_regular_file(int folder, const char* path, std::uint64_t limit);

// What errno means for a path that could not be opened or read.
SkipReason reason_of(int error);

}  // namespace singularity::analysis
