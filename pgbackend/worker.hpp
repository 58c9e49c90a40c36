// Background workers: starting one, and the loop that one runs.
//
//     SG_WORKER(sg_net_worker) {
//         WorkerLoop loop("SgNetWait");
//         call(BackgroundWorkerInitializeConnectionByOid, DatumGetObjectId(argument), Oid{InvalidOid},
//         uint32{0}); loop.run(std::chrono::seconds(1), [] { in_transaction([] { … }); });
//     }
//
// An error ends the worker: the server reports it, rolls back, and starts the worker again if it was given a
// time to wait before that. SIGTERM ends it at the next check of interrupts, also inside a statement, without
// unwinding.
#pragma once

#include "pgbackend/memory.hpp"

namespace singularity::pgbackend {

struct WorkerStart {
    const char* library;   // of the module: "sg_net"
    const char* function;  // what SG_WORKER named
    const char* name;      // as pg_stat_activity and the log show it
    Datum argument = 0;
    int restart_seconds = BGW_NEVER_RESTART;
};

// Starts a worker that may use a database, and returns its process id when it runs. Throws where no slot is
// free (53400) or it did not start.
pid_t start_worker(const WorkerStart& start);

class WorkerLoop {
public:
    // Handles signals from here on. Waits show as `wait_event` of type Extension.
    explicit WorkerLoop(const char* wait_event);

    // Calls `tick` at once and then whenever `period` has passed or the process' latch is set, each time with
    // an empty memory context.
    template <class F>
    [[noreturn]] void run(std::chrono::milliseconds period, F&& tick) {
        while (true) {
            begin_tick();
            {
                const MemoryScope scope(context_.get());
                tick();
            }
            wait(period);
        }
    }

private:
    void begin_tick();
    void wait(std::chrono::milliseconds period);

    TempContext context_;
    std::uint32_t wait_event_;
};

void begin_transaction();
void commit_transaction();

// Runs `body` in a transaction with a snapshot, and with the transaction's memory as the current one. An
// exception leaves it open for the rollback that the worker's end brings.
template <class F>
void in_transaction(F&& body) {
    const MemoryScope scope(CurrentMemoryContext);
    begin_transaction();
    body();
    commit_transaction();
}

}  // namespace singularity::pgbackend

// Defines a worker's main function; its body sees what it was started with as `argument`.
#define SG_WORKER(name)                                                         \
    static void name##_body(Datum argument);                                    \
    extern "C" PGDLLEXPORT void name(Datum argument);                           \
    extern "C" void name(Datum argument) {                                      \
        ::singularity::pgbackend::entry([argument] { name##_body(argument); }); \
    }                                                                           \
    static void name##_body([[maybe_unused]] Datum argument)
