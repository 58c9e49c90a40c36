#include "services/genesis/job_attempt.hpp"

#include <boost/asio.hpp>

#include "core/awaitable_operators.hpp"
#include "core/log.hpp"
#include "services/runtime/jitter.hpp"

namespace singularity::services::genesis {

namespace asio = boost::asio;
using asio::awaitable;
using namespace core::awaitable_operators;
using messages::JobResult;

namespace {

constexpr std::string_view kSandbox = "sandbox";  // the part of the service's health
constexpr algo::BackoffPolicy kBetweenLooksForSandbox{std::chrono::milliseconds{50}, std::chrono::seconds{2}};

}  // namespace

awaitable<void> SharedQueueConsumer::make(Attempt& attempt) {
    try {
        attempt.result = co_await share_or_run(attempt);
    } catch (...) {
        attempt.failure = std::current_exception();
    }
}

awaitable<JobResult> SharedQueueConsumer::share_or_run(Attempt& attempt) {
    if (!attempt.request.share_identical.value_or(false)) co_return co_await run_in_box(attempt);
    while (shared_.is_run(attempt.identity)) {
        auto result = co_await shared_.wait(attempt.identity);
        if (!result) continue;
        attempt.is_shared = true;
        co_await store_.share(attempt.request.request_id, result->request_id);
        co_return std::move(*result);
    }
    SharedRuns::Run run(shared_, attempt.identity);
    JobResult result = co_await run_in_box(attempt);
    if (result.verdict != "cancelled" && result.verdict != "sandbox_error")
        run.has(result, attempt.request.request_id);
    co_return result;
}

// For as long as no box can be made it waits, with its room: nothing is to be had by running another job.
awaitable<JobResult> SharedQueueConsumer::run_in_box(Attempt& attempt) {
    const auto place =
        co_await admission_.enter(runner_.memory_mb(attempt.request), attempt.request.priority.value_or(0));
    if (!attempt.has_started) {
        co_await store_.start(attempt.request.request_id, attempt.begun.attempt);
        attempt.has_started = true;
    }
    for (;;) {
        std::optional<JobResult> result;
        std::exception_ptr failure;
        try {
            result = co_await run_once(attempt);
        } catch (const sandbox::SandboxError&) {
            failure = std::current_exception();
        }
        if (result && result->verdict != "sandbox_error") {
            service_.health().well(kSandbox);
            co_return std::move(*result);
        }
        if (!co_await sandbox_is_away()) {
            if (failure) std::rethrow_exception(failure);
            co_return std::move(*result);
        }
        co_await until_sandbox_is_there();
    }
}

awaitable<JobResult> SharedQueueConsumer::run_once(Attempt& attempt) {
    LiveOutput live(service_.executor(), store_, attempt.request.request_id, attempt.begun.attempt);
    std::optional<JobResult> result;
    std::exception_ptr failure;
    const auto run = [&]() -> awaitable<void> {
        try {
            result = co_await runner_.run(
                attempt.request, [&live](sandbox::Stream stream, std::string_view bytes) -> awaitable<void> {
                    live.add(stream, bytes);
                    co_return;
                });
        } catch (...) {
            failure = std::current_exception();
        }
    };
    co_await (run() || live.run());
    if (failure) std::rethrow_exception(failure);
    co_return std::move(*result);
}

awaitable<bool> SharedQueueConsumer::sandbox_is_away() {
    std::string reason;
    try {
        co_await runner_.probe();
        service_.health().well(kSandbox);
        co_return false;
    } catch (const sandbox::SandboxError& error) {
        reason = error.what();
    }
    service_.health().amiss(kSandbox, reason);
    co_return true;
}

awaitable<void> SharedQueueConsumer::until_sandbox_is_there() {
    algo::Backoff backoff(kBetweenLooksForSandbox);
    asio::steady_timer pause(service_.executor());
    do {
        pause.expires_after(backoff.next(random_bits()));
        co_await pause.async_wait(asio::use_awaitable);
    } while (co_await sandbox_is_away());
}

}  // namespace singularity::services::genesis
