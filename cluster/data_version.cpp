#include "cluster/data_version.hpp"

#include "cluster/initdb.hpp"
#include "cluster/replace_file.hpp"
#include "cluster/settings.hpp"
#include "core/format.hpp"

namespace singularity::cluster {

namespace {

std::vector<std::string> upgrade_steps(const Home& home, const Binaries& binaries,
                                       const std::string& version) {
    const std::string data = home.data().string();
    std::string make_new;
    for (const std::string& argument : initdb_arguments(binaries, home.data())) make_new += argument + ' ';
    make_new.pop_back();
    return {"move it over, as the user that owns it:",
            core::format("  mv {0} {0}.{1}", data, version),
            core::format("  {}", make_new),
            core::format(
                "  {0}/pg_upgrade -U postgres -b /usr/lib/postgresql/{1}/bin -B {0} -d {2}.{1} -D {2} \\",
                binaries.folder.string(), version, data),
            core::format("    -O '-c shared_preload_libraries=pg_cron -c dynamic_library_path={}'",
                         library_path(home, binaries)),
            core::format("  singularity up --home {}", home.root().string()),
            "or choose another home with --home"};
}

}  // namespace

std::optional<std::string> data_version(const std::filesystem::path& data) {
    return read_file(data / "PG_VERSION").transform([](const std::string& text) {
        return text.substr(0, text.find('\n'));
    });
}

core::Expected<void> check_data_version(const Home& home, const Binaries& binaries) {
    const auto version = data_version(home.data());
    if (!version || *version == std::to_string(kMajorVersion)) return {};
    return core::failure(core::ErrorCode::refused,
                         core::format("{} was made by PostgreSQL {}, this backbone runs on {}",
                                      home.data().string(), *version, kMajorVersion),
                         upgrade_steps(home, binaries, *version));
}

}  // namespace singularity::cluster
