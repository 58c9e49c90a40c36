#include "pgclient/exec_fsm.hpp"

namespace singularity::pgclient {

ExecAction ExecFsm::start() {
    return ExecAction::flush;
}

ExecAction ExecFsm::flushed(Flushed how, bool busy) {
    if (how == Flushed::partly) return ExecAction::wait_either;
    state_ = State::receiving;
    if (how == Flushed::failed) return ExecAction::take_result;  // libpq has the reason
    return busy ? ExecAction::wait_readable : ExecAction::take_result;
}

ExecAction ExecFsm::woken(Wake why) {
    if (why == Wake::ready) return ExecAction::consume;
    if (state_ == State::draining) {
        return why == Wake::expired ? ExecAction::abandon : ExecAction::wait_readable;
    }
    stopped_ = why;
    // A server that hasn't read the whole statement has nothing yet that it could cancel.
    return state_ == State::sending ? ExecAction::abandon : ExecAction::cancel;
}

ExecAction ExecFsm::consumed(bool ok, bool busy) {
    if (!ok) return ExecAction::take_result;
    if (state_ == State::sending) return ExecAction::flush;
    return busy ? ExecAction::wait_readable : ExecAction::take_result;
}

ExecAction ExecFsm::took(Taken what, bool busy) {
    switch (what) {
        case Taken::nothing_more: return ExecAction::finish;
        case Taken::copy: return ExecAction::abandon;
        case Taken::result: break;
    }
    return busy ? ExecAction::wait_readable : ExecAction::take_result;
}

ExecAction ExecFsm::cancel_requested() {
    state_ = State::draining;
    return ExecAction::wait_readable;
}

}  // namespace singularity::pgclient
