#include "cluster/backbone.hpp"

#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cluster/data_version.hpp"
#include "cluster/os_error.hpp"
#include "cluster/prepare_home.hpp"
#include "cluster/sockets.hpp"
#include "core/format.hpp"

namespace singularity::cluster {

namespace {

struct Found {
    Home home;
    Account account;
    Binaries binaries;
    std::filesystem::path sockets;
    std::vector<ExtensionFile> extensions;
};

template <typename T>
std::unexpected<core::Error> passed_on(core::Expected<T>& failed) {
    return std::unexpected(std::move(failed.error()));
}

core::Expected<Found> find_everything(const core::Config& config) {
    auto home = Home::at(config.home);
    if (!home) return passed_on(home);
    auto account = cluster_account();
    if (!account) return passed_on(account);
    auto binaries = find_binaries(config.postgres_bin_dir);
    if (!binaries) return passed_on(binaries);
    auto sockets = choose_sockets(*home, socket_wishes());
    if (!sockets) return passed_on(sockets);
    auto extensions = read_extensions(extension_source());
    if (!extensions) return passed_on(extensions);
    return Found{*home, *account, *binaries, *sockets, std::move(*extensions)};
}

}  // namespace

core::Expected<Backbone> claim_home(const core::Config& config) {
    auto found = find_everything(config);
    if (!found) return passed_on(found);
    const mode_t mode = sockets_mode();
    auto ready = make_home(found->home, found->sockets, found->account)
                     .and_then([&] { return become(found->account); })
                     .and_then([&] { return check_data_version(found->home, found->binaries); })
                     .and_then([&] { return make_folders(found->home); });
    if (!ready) return passed_on(ready);
    auto lock = HomeLock::take(found->home);
    if (!lock) return passed_on(lock);
    auto sockets = make_sockets(found->home, found->sockets, found->account, mode);
    if (!sockets) return passed_on(sockets);
    return Backbone{
        found->home,     found->account, found->binaries, found->sockets, std::move(found->extensions),
        std::move(*lock)};
}

void close_inherited_files() {
    ::syscall(SYS_close_range, 3U, ~0U, 0U);
}

core::Expected<Account> become_owner(const Home& home) {
    struct stat entry{};
    if (::stat(home.root().c_str(), &entry) != 0) {
        return os_failure(core::format("cannot look at {}", home.root().string()));
    }
    const auto owner = account_of(entry.st_uid);
    if (!owner || (::geteuid() != 0 && ::geteuid() != entry.st_uid)) {
        return core::failure(
            core::ErrorCode::refused,
            core::format("{} belongs to user {}: only that user and root may do this", home.root().string(),
                         owner ? owner->name : std::to_string(entry.st_uid)));
    }
    return become(*owner).transform([&] { return *owner; });
}

}  // namespace singularity::cluster
