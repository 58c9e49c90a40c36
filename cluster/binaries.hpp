// PostgreSQL's programs: where they are, which version they are, what their server knows.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "core/error.hpp"

namespace singularity::cluster {

inline constexpr int kMajorVersion = 17;

struct Binaries {
    std::filesystem::path folder;  // /usr/lib/postgresql/17/bin
    int minor = 0;

    std::filesystem::path postgres() const { return folder / "postgres"; }
    std::filesystem::path initdb() const { return folder / "initdb"; }
    std::filesystem::path controldata() const { return folder / "pg_controldata"; }
};

// Refused where a program is missing or is of another major version, with the command that installs them.
core::Expected<Binaries> find_binaries(const std::filesystem::path& folder);

struct ServerVersion {
    int major = 0, minor = 0;
};

// Reads "postgres (PostgreSQL) 17.11 (Debian 17.11-0+deb13u1)".
std::optional<ServerVersion> parse_version(std::string_view text);

// Whether the server has a setting of that name; an unknown one in a file would keep it from starting.
bool knows_setting(const Binaries& binaries, std::string_view name);

}  // namespace singularity::cluster
