#include "cluster/os_error.hpp"

#include <cerrno>

#include "core/format.hpp"

namespace singularity::cluster {

std::unexpected<core::Error> os_failure(std::string_view what) {
    return os_failure(what, std::error_code(errno, std::generic_category()));
}

std::unexpected<core::Error> os_failure(std::string_view what, std::error_code code) {
    core::Error error{core::ErrorCode::failed, core::format("{}: {}", what, code.message()), {}};
    if (code == std::errc::no_space_on_device || code.value() == EDQUOT) {
        error.details.push_back("the disk is full: free some space, then try again");
    }
    if (code == std::errc::permission_denied || code == std::errc::operation_not_permitted) {
        error.code = core::ErrorCode::refused;
    }
    return std::unexpected(std::move(error));
}

bool says_disk_full(std::string_view text) {
    return text.contains("No space left on device") || text.contains("Disk quota exceeded");
}

std::string disk_full_sentence(const std::filesystem::path& path) {
    std::error_code ignored;
    const auto space = std::filesystem::space(path, ignored);
    return core::format("the disk that holds {} is full ({} MB are free): free some space, then try again",
                        path.string(), ignored ? 0 : space.available >> 20);
}

}  // namespace singularity::cluster
