#include "cluster/account.hpp"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <cstdlib>

#include "cluster/os_error.hpp"
#include "core/format.hpp"

namespace singularity::cluster {

namespace {

constexpr char kClusterUser[] = "postgres";

// `look_up` is one of the getpw*_r functions with its first argument bound.
template <typename LookUp>
std::optional<Account> found_by(LookUp look_up) {
    passwd entry{};
    passwd* found = nullptr;
    std::vector<char> texts(16 << 10);
    if (look_up(&entry, texts.data(), texts.size(), &found) != 0 || found == nullptr) return std::nullopt;
    return Account{entry.pw_uid, entry.pw_gid, entry.pw_name, entry.pw_dir};
}

}  // namespace

std::optional<Account> account_of(uid_t uid) {
    return found_by([&](auto... rest) { return ::getpwuid_r(uid, rest...); });
}

std::optional<Account> account_named(const std::string& name) {
    return found_by([&](auto... rest) { return ::getpwnam_r(name.c_str(), rest...); });
}

core::Expected<Account> cluster_account() {
    if (::geteuid() != 0) {
        if (auto self = account_of(::geteuid())) return *self;
        return core::failure(
            core::ErrorCode::refused,
            core::format("user id {} has no entry in /etc/passwd, which initdb needs", ::geteuid()),
            {"run as a user that has one, or add it with useradd"});
    }
    if (auto postgres = account_named(kClusterUser)) return *postgres;
    return core::failure(core::ErrorCode::refused,
                         "there is no user postgres, to whom root would hand the cluster",
                         {"install PostgreSQL: make deps"});
}

core::Expected<void> become(const Account& account) {
    if (::geteuid() != account.uid) {
        if (::initgroups(account.name.c_str(), account.gid) != 0 ||
            ::setresgid(account.gid, account.gid, account.gid) != 0 ||
            ::setresuid(account.uid, account.uid, account.uid) != 0) {
            return os_failure(core::format("cannot become user {}", account.name));
        }
        // Before any second thread. NOLINTBEGIN(concurrency-mt-unsafe)
        ::setenv("HOME", account.home.c_str(), 1);
        ::setenv("USER", account.name.c_str(), 1);
        ::setenv("LOGNAME", account.name.c_str(), 1);
        ::unsetenv("XDG_RUNTIME_DIR");
        // NOLINTEND(concurrency-mt-unsafe)
    }
    if (::chdir("/") != 0) return os_failure("cannot enter /");
    return {};
}

ActingAs::ActingAs(const Account& account) : group_(::getegid()) {
    if (::geteuid() != 0 || account.uid == 0) return;
    groups_.resize(static_cast<std::size_t>(::getgroups(0, nullptr)));
    ::getgroups(static_cast<int>(groups_.size()), groups_.data());
    switched_ = ::initgroups(account.name.c_str(), account.gid) == 0 && ::setegid(account.gid) == 0 &&
                ::seteuid(account.uid) == 0;
    if (!switched_) std::abort();
}

ActingAs::~ActingAs() {
    if (!switched_) return;
    const bool restored =
        ::seteuid(0) == 0 && ::setegid(group_) == 0 && ::setgroups(groups_.size(), groups_.data()) == 0;
    if (!restored) std::abort();  // with another user's rights nothing that follows would be right
}

}  // namespace singularity::cluster
