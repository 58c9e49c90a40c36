#include "cluster/extension_files.hpp"

#include "cluster/os_error.hpp"
#include "cluster/process.hpp"
#include "cluster/replace_file.hpp"
#include "core/format.hpp"

namespace singularity::cluster {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kFolders[] = {"usr/share/postgresql/17/extension", "usr/lib/postgresql/17/lib"};

core::Expected<void> make_folders(const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) return os_failure(core::format("cannot make {}", folder.string()), error);
    return {};
}

}  // namespace

fs::path extension_source() {
    return own_program().parent_path().parent_path() / "extensions";
}

core::Expected<std::vector<ExtensionFile>> read_extensions(const fs::path& source) {
    std::vector<ExtensionFile> files;
    std::error_code error;
    const fs::path tree = source / "usr";  // beside it the build keeps files of its own
    if (!fs::is_directory(tree, error)) return files;
    for (auto entry = fs::recursive_directory_iterator(tree, error);
         entry != fs::recursive_directory_iterator(); entry.increment(error)) {
        if (error) break;
        if (!entry->is_regular_file() || entry->path().extension() == ".new") continue;
        auto content = read_file(entry->path());
        if (!content) return os_failure(core::format("cannot read {}", entry->path().string()));
        files.push_back({entry->path().lexically_relative(source), std::move(*content)});
    }
    if (error) return os_failure(core::format("cannot read {}", tree.string()), error);
    return files;
}

core::Expected<int> install_extensions(const Home& home, const std::vector<ExtensionFile>& files) {
    for (const std::string_view folder : kFolders) {
        if (auto made = make_folders(home.extensions() / folder); !made) return std::unexpected(made.error());
    }
    int written = 0;
    for (const ExtensionFile& file : files) {
        const fs::path path = home.extensions() / file.name;
        if (auto made = make_folders(path.parent_path()); !made) return std::unexpected(made.error());
        auto replaced = replace_if_different(path, file.content, 0644);
        if (!replaced) return std::unexpected(std::move(replaced.error()));
        written += *replaced ? 1 : 0;
    }
    return written;
}

}  // namespace singularity::cluster
