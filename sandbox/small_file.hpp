// The kernel's little files (cgroups, /proc), read and written whole.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace singularity::sandbox {

std::optional<std::string> read_small_file(const std::filesystem::path& path);

// False with errno set.
bool write_small_file(const std::filesystem::path& path, std::string_view text);
inline bool write_small_file(const std::filesystem::path& path, std::int64_t number) {
    return write_small_file(path, std::to_string(number));
}

// A file that is one number. Nothing where it is not there or says "max".
std::optional<std::int64_t> read_number(const std::filesystem::path& path);

// The number after `key` in a file of lines "key number".
std::optional<std::int64_t> read_keyed_number(const std::filesystem::path& path, std::string_view key);

}  // namespace singularity::sandbox
