// Process 1 of a box: lays files down, runs one program and reports how it ended, hands files out. Everything
// that touches the workspace happens here, inside the box and with its rights; whoever reads the reports
// takes them for bytes that an attacker may have written. Static, without exceptions and without a heap.
#pragma once

#include <cstddef>

#include "sandbox/wire.hpp"

namespace singularity::sandbox::init {

// A received command: its payload mapped, its descriptors (after the payload's) open.
struct Job {
    wire::Command command;
    const char* payload;
    int descriptors[3];
    int count;
};

// Walks a payload. What does not fit makes it bad, and everything after that empty.
class Reader {
public:
    Reader(const char* at, std::size_t size) : at_(at), end_(at + size) {}

    const char* bytes(std::size_t size) {
        if (size > static_cast<std::size_t>(end_ - at_)) return fail();
        const char* const result = at_;
        at_ += size;
        return result;
    }
    const char* string();  // with its NUL
    bool good() const { return at_ != nullptr; }

private:
    const char* fail() {
        at_ = end_ = nullptr;
        return nullptr;
    }

    const char* at_;
    const char* end_;
};

// Relative, without "..", ".", empty parts and NUL, of at most 1,024 bytes.
bool allowed_path(const char* path, std::size_t size);

// `box` is the workspace's folder.
wire::Report put_files(const Job& job, int box);
wire::Report run_program(const Job& job);
wire::Report hand_out(const Job& job, int box);

}  // namespace singularity::sandbox::init
