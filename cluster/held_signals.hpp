// Holds back the signals that tell a supervisor to stop, until somebody listens for them: what is begun
// meanwhile is completed instead of being left half made, and no signal is lost.
#pragma once

#include <csignal>

namespace singularity::cluster {

class HeldSignals {
public:
    HeldSignals();
    HeldSignals(const HeldSignals&) = delete;
    HeldSignals& operator=(const HeldSignals&) = delete;
    ~HeldSignals() { release(); }

    // Whether one has come; it is answered with that.
    bool take();

    // Whoever listens gets those that came; where nobody does, they do what signals do.
    void release();

private:
    sigset_t held_, before_;
};

}  // namespace singularity::cluster
