#include "cluster/prepare_home.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vector>

#include "cluster/os_error.hpp"
#include "cluster/replace_file.hpp"
#include "cluster/sockets.hpp"
#include "core/format.hpp"

namespace singularity::cluster {

namespace {

namespace fs = std::filesystem;
using core::ErrorCode;

constexpr mode_t kPrivate = 0700, kPassable = 0711, kReadable = 0755, kSettingsMode = 0600;
constexpr mode_t kShared = 01771;  // who is in the group makes folders, their owners remove them

// "root, mode 0700"
std::string owner_and_mode(const struct stat& entry) {
    const auto owner = account_of(entry.st_uid);
    return core::format("{}, mode {:04o}", owner ? owner->name : std::to_string(entry.st_uid),
                        entry.st_mode & 07777);
}

std::vector<fs::path> folders_above(const fs::path& path) {
    std::vector<fs::path> above;
    for (fs::path folder = path.parent_path(); folder != folder.parent_path();
         folder = folder.parent_path()) {
        above.insert(above.begin(), folder);
    }
    return above;
}

// PostgreSQL and the services walk down to the home as the account, not as whoever called us.
core::Expected<void> check_reachable(const Home& home, const Account& account) {
    const ActingAs acting(account);
    for (const fs::path& folder : folders_above(home.root())) {
        struct stat entry{};
        if (::faccessat(AT_FDCWD, folder.c_str(), X_OK, AT_EACCESS) == 0) continue;
        if (::stat(folder.c_str(), &entry) != 0) return {};
        return core::failure(
            ErrorCode::refused,
            core::format("user {} cannot enter {} ({}), where the home {} lies", account.name,
                         folder.string(), owner_and_mode(entry), home.root().string()),
            {core::format("let it pass with: chmod o+x {}", folder.string()),
             "or choose another home with --home"});
    }
    return {};
}

// A folder that is not a home yet becomes one only where nothing else lives in it.
core::Expected<void> check_content(const Home& home) {
    std::error_code unreadable;
    if (fs::exists(home.data(), unreadable)) return {};
    for (const auto& entry : fs::directory_iterator(home.root(), unreadable)) {
        const std::string name = entry.path().filename();
        if (Home::knows(name)) continue;
        return core::failure(
            ErrorCode::refused,
            core::format("{} is no home of a backbone: it holds \"{}\"", home.root().string(), name),
            {"choose an empty folder, or one that does not exist, with --home"});
    }
    if (unreadable) return os_failure(core::format("cannot read {}", home.root().string()), unreadable);
    return {};
}

core::Expected<void> give(const fs::path& folder, const Account& account) {
    if (::geteuid() == account.uid || ::lchown(folder.c_str(), account.uid, account.gid) == 0) return {};
    return os_failure(core::format("cannot give {} to {}", folder.string(), account.name));
}

core::Expected<void> make_folder(const fs::path& folder, mode_t mode) {
    if (::mkdir(folder.c_str(), mode) == 0) {
        if (::chmod(folder.c_str(), mode) == 0) return {};
    } else if (errno == EEXIST) {
        return {};
    }
    return os_failure(core::format("cannot make {}", folder.string()));
}

core::Expected<void> make_folders_above(const fs::path& path) {
    for (const fs::path& folder : folders_above(path)) {
        if (auto made = make_folder(folder, kReadable); !made) return made;
    }
    return {};
}

core::Expected<void> check_existing(const Home& home, const struct stat& entry, const Account& account) {
    if (!S_ISDIR(entry.st_mode)) {
        return core::failure(ErrorCode::refused, core::format("{} is not a folder", home.root().string()));
    }
    if (entry.st_uid != account.uid && entry.st_uid != ::geteuid()) {
        return core::failure(ErrorCode::refused,
                             core::format("{} belongs to {}, but the cluster would run as {}",
                                          home.root().string(), owner_and_mode(entry), account.name),
                             {core::format("run this as its owner, or choose another home with --home")});
    }
    if (entry.st_mode & (S_IWGRP | S_IWOTH)) {
        return core::failure(ErrorCode::refused,
                             core::format("others may replace what is in {} ({})", home.root().string(),
                                          owner_and_mode(entry)),
                             {core::format("close it with: chmod go-w {}", home.root().string()),
                              "or choose another home with --home"});
    }
    return check_content(home);
}

core::Expected<void> make_root_folder(const Home& home, const Account& account) {
    struct stat entry{};
    if (::stat(home.root().c_str(), &entry) == 0)
        return entry.st_uid == account.uid ? core::Expected<void>{} : give(home.root(), account);
    if (auto above = make_folders_above(home.root()); !above) return above;
    const mode_t mode = ::geteuid() == 0 ? kReadable : kPrivate;
    if (auto made = make_folder(home.root(), mode); !made) return made;
    return give(home.root(), account);
}

// Folders for sockets lie where others may write too: what stands there must be ours.
core::Expected<void> make_socket_folder(const fs::path& folder, const Account& owner, mode_t mode) {
    if (auto made = make_folder(folder, mode); !made) return made;
    struct stat entry{};
    if (::lstat(folder.c_str(), &entry) != 0)
        return os_failure(core::format("cannot look at {}", folder.string()));
    const bool mine = entry.st_uid == ::geteuid() || entry.st_uid == owner.uid;
    if (!S_ISDIR(entry.st_mode) || !mine) {
        return core::failure(ErrorCode::refused,
                             core::format("{} should be a folder of {}, but is {}'s", folder.string(),
                                          owner.name, owner_and_mode(entry)),
                             {core::format("move it away: mv {0} {0}.old", folder.string())});
    }
    return give(folder, owner);
}

// Where each home's folder of sockets lies. Root's is one in which the account may make and remove folders
// of its own, and nothing else.
core::Expected<void> make_folder_of_folders(const fs::path& folder, const Account& account) {
    const auto self = account_of(::geteuid());
    auto made = make_socket_folder(folder, self.value_or(account), sockets_mode());
    if (!made || ::geteuid() != 0) return made;
    if (::chown(folder.c_str(), 0, account.gid) == 0 && ::chmod(folder.c_str(), kShared) == 0) return {};
    return os_failure(core::format("cannot share {} with {}", folder.string(), account.name));
}

core::Expected<void> check_configuration(const Home& home, const Account& account) {
    const fs::path file = home.configuration();
    if (::access(file.c_str(), F_OK) != 0 || ::access(file.c_str(), R_OK) == 0) return {};
    return core::failure(ErrorCode::refused,
                         core::format("user {} cannot read {}", account.name, file.string()),
                         {core::format("give it to that user: chown {} {}", account.name, file.string())});
}

// An empty place for the operator's own settings; what stands there is never touched again.
core::Expected<void> make_operator_file(const fs::path& file, std::string_view purpose) {
    if (::access(file.c_str(), F_OK) == 0) return {};
    return replace_file(
        file, core::format("# Yours: {}. Read after the backbone's own, and never written by it.\n", purpose),
        kSettingsMode);
}

core::Expected<void> make_operator_files(const Home& home) {
    return make_operator_file(home.operator_conf(), "settings of PostgreSQL, such as shared_buffers = '1GB'")
        .and_then([&] { return make_operator_file(home.operator_hba(), "lines of pg_hba.conf"); })
        .and_then([&] { return make_operator_file(home.operator_ident(), "lines of pg_ident.conf"); });
}

// So that `url` and `down` find it from any session.
core::Expected<void> record_sockets(const Home& home, const fs::path& sockets) {
    const fs::path fresh = home.sockets_link().native() + ".new";
    std::error_code error;
    fs::remove(fresh, error);
    fs::create_directory_symlink(sockets, fresh, error);
    if (!error) fs::rename(fresh, home.sockets_link(), error);
    if (error) return os_failure(core::format("cannot write {}", home.sockets_link().string()), error);
    return {};
}

}  // namespace

core::Expected<void> check_home(const Home& home, const Account& account) {
    if (auto reachable = check_reachable(home, account); !reachable) return reachable;
    struct stat entry{};
    if (::stat(home.root().c_str(), &entry) != 0) return {};
    return check_existing(home, entry, account);
}

core::Expected<void> make_home(const Home& home, const fs::path& sockets, const Account& account) {
    return check_home(home, account).and_then([&] { return make_root_folder(home, account); }).and_then([&] {
        return sockets == home.root() ? core::Expected<void>{}
                                      : make_folder_of_folders(sockets.parent_path(), account);
    });
}

mode_t sockets_mode() {
    return ::geteuid() == 0 ? kPassable : kPrivate;  // of root's backbone pg_hba.conf decides who enters
}

core::Expected<void> make_sockets(const Home& home, const fs::path& sockets, const Account& account,
                                  mode_t mode) {
    if (sockets != home.root()) {
        if (auto made = make_socket_folder(sockets, account, mode); !made) return made;
    }
    return record_sockets(home, sockets);
}

void remove_sockets(const Home& home, const fs::path& sockets) {
    ::unlink(notify_socket(sockets).c_str());
    if (sockets != home.root()) ::rmdir(sockets.c_str());  // unless a server's socket is still in it
}

core::Expected<void> make_folders(const Home& home) {
    for (const auto& [folder, mode] : {std::pair{home.extensions(), kReadable},
                                       {home.keys(), kPrivate},
                                       {home.log(), kPrivate},
                                       {home.state(), kReadable}}) {
        if (auto made = make_folder(folder, mode); !made) return made;
    }
    if (::chmod(home.keys().c_str(), kPrivate) != 0) return os_failure("cannot close the folder of the keys");
    if (::access(home.passfile().c_str(), F_OK) == 0 && ::chmod(home.passfile().c_str(), 0600) != 0) {
        return os_failure(core::format("cannot close {}", home.passfile().string()));
    }
    if (auto self = account_of(::geteuid())) {
        if (auto readable = check_configuration(home, *self); !readable) return readable;
    }
    return make_operator_files(home);
}

}  // namespace singularity::cluster
