// The home: who may look into it, who owns it, whether its keys are closed, its disk, its sockets.
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <optional>
#include <system_error>

#include "cluster/account.hpp"
#include "cluster/disk.hpp"
#include "cluster/doctor.hpp"
#include "cluster/prepare_home.hpp"
#include "cluster/sockets.hpp"
#include "core/format.hpp"

namespace singularity::cluster {

namespace {

namespace fs = std::filesystem;

std::optional<struct stat> look_at(const fs::path& path) {
    struct stat entry{};
    if (::lstat(path.c_str(), &entry) != 0) return std::nullopt;
    return entry;
}

std::string owner_name(uid_t uid) {
    const auto account = account_of(uid);
    return account ? account->name : std::to_string(uid);
}

// Where `up` would refuse the home: with its sentence and its remedy.
std::optional<Check> check_refusal(const Home& home, const Account& account) {
    const auto accepted = check_home(home, account);
    if (accepted) return std::nullopt;
    std::string remedy;
    for (const std::string& line : accepted.error().details) remedy += (remedy.empty() ? "" : "\n") + line;
    return Check{"home", Verdict::fail, accepted.error().message, remedy};
}

Check check_absent(const Home& home) {
    const auto account = cluster_account();
    if (account) {
        if (auto refused = check_refusal(home, *account)) return *refused;
    }
    return {"home", Verdict::ok, core::format("{} is made by `up`", home.root().string()), ""};
}

Check check_folder(const Home& home, const struct stat& entry) {
    const auto account = cluster_account();
    const std::string found = core::format("{} of user {}, mode {:04o}", home.root().string(),
                                           owner_name(entry.st_uid), entry.st_mode & 07777);
    if (entry.st_mode & (S_IWGRP | S_IWOTH)) {
        return {"home", Verdict::fail, found + ": others may replace what is in it",
                core::format("chmod go-w {}", home.root().string())};
    }
    if (account && entry.st_uid != account->uid && entry.st_uid != ::geteuid()) {
        return {"home", Verdict::warn, core::format("{}, but `up` would run as {} now", found, account->name),
                core::format("run singularity as {} or root, or choose another --home",
                             owner_name(entry.st_uid))};
    }
    if (account) {
        if (auto refused = check_refusal(home, *account)) return *refused;
    }
    return {"home", Verdict::ok, found, ""};
}

// Closed: nobody but the owner of the home has any right.
Check check_closed(const std::string& name, const fs::path& path, uid_t owner, mode_t mode) {
    const auto entry = look_at(path);
    if (!entry) {
        if (errno == EACCES)
            return {name, Verdict::warn, core::format("you may not look at {}", path.string()),
                    "run doctor as the home's owner, or as root"};
        return {name, Verdict::ok, core::format("{} is made by `up`", path.string()), ""};
    }
    if (entry->st_uid != owner) {
        return {name, Verdict::fail,
                core::format("{} belongs to {}", path.string(), owner_name(entry->st_uid)),
                core::format("chown {} {}", owner_name(owner), path.string())};
    }
    if (entry->st_mode & 077) {
        return {name, Verdict::fail,
                core::format("{} has mode {:04o}: others may read it", path.string(), entry->st_mode & 07777),
                core::format("chmod {:04o} {}", mode, path.string())};
    }
    return {name, Verdict::ok, core::format("{} is closed to others", path.string()), ""};
}

Check check_disk(const Home& home) {
    const fs::path data = home.data();
    const auto room = room_at(data);
    if (!room)
        return {"disk", Verdict::warn, core::format("cannot tell how much is free for {}", data.string()),
                "df " + home.root().string()};
    const std::string found = core::format("{} MB free for {}", *room >> 20, data.string());
    if (*room >= kLittleRoom) return {"disk", Verdict::ok, found, ""};
    return {"disk", *room < kTooLittleRoom ? Verdict::fail : Verdict::warn,
            found + ": a full disk stops the server",
            core::format("free some space: du -xh --max-depth=2 {} | sort -h", home.root().string())};
}

Check check_sockets(const Home& home) {
    const auto folder = sockets_of(home);
    if (!folder) return {"sockets", Verdict::fail, folder.error().message, folder.error().details.front()};
    const SocketWishes wishes = socket_wishes();
    const bool vanishes =
        wishes.vanishes_at_logout && folder->native().starts_with(wishes.runtime_folder->native());
    const std::string found = core::format("{} ({} of 107 bytes)", server_socket(*folder).string(),
                                           server_socket(*folder).native().size());
    if (!vanishes) return {"sockets", Verdict::ok, found, ""};
    return {"sockets", Verdict::warn, found + ": the folder goes away when you log out",
            "loginctl enable-linger"};
}

}  // namespace

std::vector<Check> examine_home(const Home& home) {
    std::vector<Check> checks;
    if (const auto entry = look_at(home.root())) {
        checks.push_back(check_folder(home, *entry));
        checks.push_back(check_closed("keys", home.keys(), entry->st_uid, 0700));
        checks.push_back(check_closed("passfile", home.passfile(), entry->st_uid, 0600));
        checks.push_back(check_closed("logs", home.log(), entry->st_uid, 0700));
    } else if (errno == ENOENT) {
        checks.push_back(check_absent(home));
    } else {
        checks.push_back(
            {"home", Verdict::fail,
             core::format("{}: {}", home.root().string(), std::generic_category().message(errno)),
             "run doctor as the home's owner, or as root"});
    }
    checks.push_back(check_disk(home));
    checks.push_back(check_sockets(home));
    return checks;
}

}  // namespace singularity::cluster
