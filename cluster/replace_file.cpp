#include "cluster/replace_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <fstream>
#include <iterator>

#include "cluster/descriptor.hpp"
#include "cluster/os_error.hpp"
#include "core/format.hpp"

namespace singularity::cluster {

namespace {

bool write_all(int fd, std::string_view content) {
    while (!content.empty()) {
        const ssize_t written = ::write(fd, content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

// Makes a rename last: the folder's entry reaches the disk.
bool sync_folder(const std::filesystem::path& folder) {
    const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return opened && ::fsync(opened.get()) == 0;
}

}  // namespace

core::Expected<void> replace_file(const std::filesystem::path& path, std::string_view content, mode_t mode,
                                  Durability durability) {
    const std::filesystem::path fresh = path.native() + ".new";
    const Descriptor file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode));
    if (!file) return os_failure(core::format("cannot write {}", fresh.string()));
    const bool lasting = durability == Durability::lasting;
    if (::fchmod(file.get(), mode) != 0 || !write_all(file.get(), content) ||
        (lasting && ::fsync(file.get()) != 0) || ::rename(fresh.c_str(), path.c_str()) != 0 ||
        (lasting && !sync_folder(path.parent_path()))) {
        const std::error_code reason(errno, std::generic_category());
        ::unlink(fresh.c_str());
        return os_failure(core::format("cannot write {}", path.string()), reason);
    }
    return {};
}

core::Expected<bool> replace_if_different(const std::filesystem::path& path, std::string_view content,
                                          mode_t mode) {
    struct stat existing{};
    const bool same_mode = ::lstat(path.c_str(), &existing) == 0 && S_ISREG(existing.st_mode) &&
                           (existing.st_mode & 07777) == mode;
    if (same_mode && read_file(path) == content) return false;
    return replace_file(path, content, mode).transform([] { return true; });
}

std::optional<std::string> read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::nullopt;
    return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace singularity::cluster
