// The course of one statement, from sent to finished, as a state machine without I/O.
//
// Session performs the action that the last event gave, tells the machine how it went, and gets the
// next one; docs/pgclient.md draws it. libpq parses the protocol: here is decided when to flush, wait and
// read, and how a statement ends whose deadline passed or whose caller went away: it is cancelled on the
// server, then its answer is awaited for a short grace; without an answer the connection is given up.
#pragma once

#include <cstdint>

namespace singularity::pgclient {

enum class ExecAction : std::uint8_t {
    flush,          // hand libpq's buffer to the kernel
    wait_readable,  // until the server sends, the deadline passes or the caller is cancelled
    wait_either,    // as above, or the kernel takes more
    consume,        // read what has come
    take_result,
    cancel,  // start the grace, send a cancel request
    finish,  // the server is ready for the next statement, or the connection is closed
    abandon  // give the connection up: its protocol state is unknown
};

enum class Wake : std::uint8_t { ready, expired, cancelled };
enum class Flushed : std::uint8_t { all, partly, failed };
enum class Taken : std::uint8_t { result, nothing_more, copy };

class ExecFsm {
public:
    // The statement is in libpq's buffer.
    ExecAction start();

    // `busy`: taking a result now would block.
    ExecAction flushed(Flushed how, bool busy);
    ExecAction woken(Wake why);
    ExecAction consumed(bool ok, bool busy);
    ExecAction took(Taken what, bool busy);
    ExecAction cancel_requested();

    // Why the statement was stopped; `ready` if it was not. It may have finished all the same.
    Wake stopped() const { return stopped_; }

private:
    enum class State : std::uint8_t { sending, receiving, draining };

    State state_ = State::sending;
    Wake stopped_ = Wake::ready;
};

}  // namespace singularity::pgclient
