#include "cluster/held_signals.hpp"

#include <ctime>
#include <initializer_list>

namespace singularity::cluster {

HeldSignals::HeldSignals() {
    ::sigemptyset(&held_);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&held_, signal);
    ::pthread_sigmask(SIG_BLOCK, &held_, &before_);
}

bool HeldSignals::take() {
    constexpr timespec kNow{};
    return ::sigtimedwait(&held_, nullptr, &kNow) > 0;
}

void HeldSignals::release() {
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

}  // namespace singularity::cluster
