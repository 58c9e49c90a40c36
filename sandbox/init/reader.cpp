#include <cstring>

#include "sandbox/init/init.hpp"

namespace singularity::sandbox::init {

namespace {

constexpr std::size_t kMaxPath = 1024;

bool allowed_part(const char* part, std::size_t size) {
    if (size == 0 || size > 255) return false;
    return !(part[0] == '.' && (size == 1 || (size == 2 && part[1] == '.')));
}

}  // namespace

const char* Reader::string() {
    if (!good()) return nullptr;
    const void* end = std::memchr(at_, 0, static_cast<std::size_t>(end_ - at_));
    return end == nullptr ? fail() : bytes(static_cast<std::size_t>(static_cast<const char*>(end) - at_) + 1);
}

bool allowed_path(const char* path, std::size_t size) {
    if (size > kMaxPath || std::memchr(path, 0, size) != nullptr) return false;
    for (;;) {
        const auto* slash = static_cast<const char*>(std::memchr(path, '/', size));
        if (slash == nullptr) return allowed_part(path, size);
        const auto length = static_cast<std::size_t>(slash - path);
        if (!allowed_part(path, length)) return false;
        path += length + 1;
        size -= length + 1;
    }
}

}  // namespace singularity::sandbox::init
