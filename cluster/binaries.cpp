#include "cluster/binaries.hpp"

#include <unistd.h>

#include <charconv>

#include "cluster/run_program.hpp"
#include "core/format.hpp"

namespace singularity::cluster {

namespace {

constexpr char kInstall[] =
    "install it with: make deps (or: apt-get install postgresql-17 postgresql-17-cron)";

std::unexpected<core::Error> unusable(std::string message) {
    return core::failure(core::ErrorCode::refused, std::move(message),
                         {kInstall, "or name its folder: postgres.bin_dir, SINGULARITY_POSTGRES_BIN_DIR"});
}

}  // namespace

core::Expected<Binaries> find_binaries(const std::filesystem::path& folder) {
    Binaries found{folder};
    for (const auto& program : {found.postgres(), found.initdb()}) {
        if (::access(program.c_str(), X_OK) != 0) {
            return unusable(core::format("PostgreSQL {} is not installed: there is no {}", kMajorVersion,
                                         program.string()));
        }
    }
    const auto answer = run_program({found.postgres().string(), "--version"});
    const auto version = answer ? parse_version(answer->output) : std::nullopt;
    if (!version) return unusable(core::format("{} does not tell its version", found.postgres().string()));
    if (version->major != kMajorVersion) {
        return unusable(core::format("{} is of PostgreSQL {}, needed is {}", found.postgres().string(),
                                     version->major, kMajorVersion));
    }
    found.minor = version->minor;
    return found;
}

std::optional<ServerVersion> parse_version(std::string_view text) {
    constexpr std::string_view kMark = "(PostgreSQL) ";
    const auto at = text.find(kMark);
    if (at == std::string_view::npos) return std::nullopt;
    ServerVersion version;
    const char* end = text.data() + text.size();
    const auto major = std::from_chars(text.data() + at + kMark.size(), end, version.major);
    if (major.ec != std::errc{}) return std::nullopt;
    if (major.ptr != end && *major.ptr == '.') std::from_chars(major.ptr + 1, end, version.minor);
    return version;
}

bool knows_setting(const Binaries& binaries, std::string_view name) {
    const auto answer = run_program({binaries.postgres().string(), "--describe-config"});
    return answer && answer->status.success() &&
           ("\n" + answer->output).contains(core::format("\n{}\t", name));
}

}  // namespace singularity::cluster
