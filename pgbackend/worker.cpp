#include "pgbackend/worker.hpp"

#include "pgbackend/format.hpp"

namespace singularity::pgbackend {

pid_t start_worker(const WorkerStart& start) {
    BackgroundWorker worker{};
    worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
    worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
    worker.bgw_restart_time = start.restart_seconds;
    worker.bgw_main_arg = start.argument;
    worker.bgw_notify_pid = MyProcPid;
    strlcpy(worker.bgw_library_name, start.library, sizeof(worker.bgw_library_name));
    strlcpy(worker.bgw_function_name, start.function, sizeof(worker.bgw_function_name));
    strlcpy(worker.bgw_name, start.name, sizeof(worker.bgw_name));
    strlcpy(worker.bgw_type, start.name, sizeof(worker.bgw_type));

    BackgroundWorkerHandle* handle = nullptr;
    if (!call(RegisterDynamicBackgroundWorker, &worker, &handle)) {
        throw Failure(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED, "could not start a background worker", {},
                      "Raise max_worker_processes.");
    }
    pid_t pid = 0;
    if (call(WaitForBackgroundWorkerStartup, handle, &pid) != BGWH_STARTED) {
        throw Failure(ERRCODE_INSUFFICIENT_RESOURCES,
                      pgbackend::format("background worker \"{}\" did not start", start.name), {},
                      "The server's log says why.");
    }
    return pid;
}

WorkerLoop::WorkerLoop(const char* wait_event)
    : context_("worker tick", TopMemoryContext), wait_event_(call(WaitEventExtensionNew, wait_event)) {
    pqsignal(SIGHUP, SignalHandlerForConfigReload);
    pqsignal(SIGTERM, die);
    BackgroundWorkerUnblockSignals();
    // A reload between the fork and here has found nobody.
    ConfigReloadPending = 1;
}

// The latch first: what is set during a tick is answered by the next one.
void WorkerLoop::begin_tick() {
    ResetLatch(MyLatch);
    check_interrupts();
    if (ConfigReloadPending != 0) {
        ConfigReloadPending = 0;
        call(ProcessConfigFile, PGC_SIGHUP);
    }
    context_.reset();
}

void WorkerLoop::wait(std::chrono::milliseconds period) {
    call(WaitLatch, MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
         static_cast<long>(period.count()), wait_event_);
}

void begin_transaction() {
    call([] {
        SetCurrentStatementStartTimestamp();
        StartTransactionCommand();
        PushActiveSnapshot(GetTransactionSnapshot());
    });
}

void commit_transaction() {
    call([] {
        PopActiveSnapshot();
        CommitTransactionCommand();
        pgstat_report_stat(false);
    });
}

}  // namespace singularity::pgbackend
