#include "cluster/home_lock.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>

#include "cluster/os_error.hpp"
#include "cluster/replace_file.hpp"
#include "core/format.hpp"

namespace singularity::cluster {

namespace {

struct flock whole_file(short type) {
    struct flock lock{};
    lock.l_type = type;
    lock.l_whence = SEEK_SET;
    return lock;
}

pid_t signed_by(const Home& home) {
    const int pid = std::atoi(read_file(home.lock()).value_or("").c_str());
    return pid > 0 ? pid : -1;
}

}  // namespace

core::Expected<HomeLock> HomeLock::take(const Home& home) {
    Descriptor file(::open(home.lock().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    if (!file) return os_failure(core::format("cannot open {}", home.lock().string()));
    struct flock lock = whole_file(F_WRLCK);
    if (::fcntl(file.get(), F_OFD_SETLK, &lock) == 0) {
        HomeLock taken(std::move(file));
        taken.sign();
        return taken;
    }
    if (errno != EAGAIN && errno != EACCES)
        return os_failure(core::format("cannot lock {}", home.lock().string()));
    return core::failure(
        core::ErrorCode::refused,
        core::format("a backbone already runs on {} (pid {})", home.root().string(), signed_by(home)),
        {"stop it with: singularity down", "or start a second one with another --home and --http"});
}

void HomeLock::sign() const {
    const std::string pid = core::format("{}\n", ::getpid());
    if (::ftruncate(file_.get(), 0) == 0) {
        [[maybe_unused]] const ssize_t written = ::pwrite(file_.get(), pid.data(), pid.size(), 0);
    }
}

std::optional<pid_t> lock_holder(const Home& home) {
    const Descriptor file(::open(home.lock().c_str(), O_RDONLY | O_CLOEXEC));
    struct flock lock = whole_file(F_RDLCK);
    if (!file || ::fcntl(file.get(), F_OFD_GETLK, &lock) != 0 || lock.l_type == F_UNLCK) return std::nullopt;
    return signed_by(home);
}

}  // namespace singularity::cluster
