#include "cluster/initdb.hpp"

#include <sstream>

#include "cluster/os_error.hpp"
#include "cluster/run_program.hpp"
#include "core/format.hpp"

namespace singularity::cluster {

namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kNeeded = 200U << 20;  // a new cluster with its first WAL, and room to begin

core::Expected<void> check_space(const fs::path& folder) {
    std::error_code ignored;
    const auto space = fs::space(folder, ignored);
    if (ignored || space.available >= kNeeded) return {};
    return core::failure(core::ErrorCode::failed,
                         core::format("a new cluster needs {} MB, but {} has only {} MB free", kNeeded >> 20,
                                      folder.string(), space.available >> 20),
                         {"free some space, or choose a home on another disk with --home"});
}

std::vector<std::string> last_lines(const std::string& text, std::size_t count) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
        if (!line.empty()) lines.push_back(line);
    }
    if (lines.size() > count) lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(count));
    return lines;
}

core::Error initdb_failure(const Home& home, const ProgramResult& result) {
    if (says_disk_full(result.output)) return {core::ErrorCode::failed, disk_full_sentence(home.root()), {}};
    return {core::ErrorCode::failed, core::format("initdb {}", result.status.describe()),
            last_lines(result.output, 5)};
}

core::Expected<void> initialise(const Home& home, const Binaries& binaries) {
    std::error_code error;
    fs::remove_all(home.new_data(), error);
    if (error) return os_failure(core::format("cannot remove {}", home.new_data().string()), error);
    auto result = run_program(initdb_arguments(binaries, home.new_data()));
    if (!result) return std::unexpected(std::move(result.error()));
    if (!result->status.success()) {
        fs::remove_all(home.new_data(), error);
        return std::unexpected(initdb_failure(home, *result));
    }
    fs::rename(home.new_data(), home.data(), error);
    if (error) return os_failure(core::format("cannot rename {}", home.new_data().string()), error);
    return {};
}

}  // namespace

// --locale=C beside the builtin provider: initdb fails where LANG names a locale that is not installed.
// WAL segments of 16 MB, the default: smaller ones save 11 MB of an empty home, and cost switches under load.
// syncfs: one call in place of one a file, of which there are a thousand.
std::vector<std::string> initdb_arguments(const Binaries& binaries, const fs::path& data) {
    return {binaries.initdb().string(),
            "--pgdata=" + data.string(),
            "--username=postgres",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--data-checksums",
            "--wal-segsize=16",
            "--auth-local=peer",
            "--auth-host=scram-sha-256",
            "--sync-method=syncfs",
            "--no-instructions"};
}

core::Expected<bool> make_cluster(const Home& home, const Binaries& binaries) {
    if (fs::exists(home.data())) return false;
    return check_space(home.root()).and_then([&] { return initialise(home, binaries); }).transform([] {
        return true;
    });
}

}  // namespace singularity::cluster
