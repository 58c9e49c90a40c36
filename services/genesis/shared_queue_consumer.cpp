#include "services/genesis/shared_queue_consumer.hpp"

#include <boost/asio.hpp>

#include "core/awaitable_operators.hpp"
#include "core/format.hpp"
#include "messages/request_id.hpp"
#include "pgclient/error.hpp"
#include "services/genesis/job_answers.hpp"
#include "services/genesis/job_attempt.hpp"

namespace singularity::services::genesis {

namespace asio = boost::asio;
using asio::awaitable;
using namespace core::awaitable_operators;
using messages::JobRequest;
using messages::JobResult;

namespace {

// Longer than a compilation and a run by their languages' limits: then no stall of this process, short of one
// that long, has a job run twice. Who comes after a process that died need not wait for it.
constexpr std::chrono::minutes kVisibility{5};

constexpr int kMaxAttempts = 5;
constexpr algo::BackoffPolicy kRetry{std::chrono::milliseconds{200}, std::chrono::seconds{10}};

// Whoever counts attempts to the end here also answers: the runtime's dead letters would not.
constexpr int kNeverBuried = 1'000'000;

}  // namespace

ConsumerOptions SharedQueueConsumer::options(const core::Config& config, const core::JobBounds& bounds) {
    ConsumerOptions options = consumer_options(config, std::string(JobRequest::kQueue));
    const auto found = config.queues.find(options.queue);
    const core::QueueSettings said = found == config.queues.end() ? core::QueueSettings() : found->second;
    options.concurrency =
        static_cast<std::size_t>(std::min(said.concurrency.value_or(bounds.boxes), bounds.boxes));
    if (!said.visibility_seconds) options.visibility = kVisibility;
    if (!said.max_attempts) options.max_attempts = kMaxAttempts;
    options.retry = kRetry;
    return options;
}

namespace {

ConsumerOptions never_buried(ConsumerOptions options) {
    options.max_attempts = kNeverBuried;
    return options;
}

}  // namespace

SharedQueueConsumer::SharedQueueConsumer(Service& service, Bus bus, Runner runner, core::JobBounds bounds)
    : service_(service),
      bus_(bus),
      runner_(std::move(runner)),
      store_(bus.own, bus.queues, messages::new_request_id(), service.config().instance_id),
      admission_(service.executor(), bounds.memory_mb),
      shared_(service.executor()),
      max_attempts_(options(service.config(), bounds).max_attempts),
      cpu_ms_per_hour_(1000 * service.config().genesis_cpu_seconds_per_agent_hour),
      consumer_(service, bus, never_buried(options(service.config(), bounds)),
                handler<JobRequest>([this](const JobRequest& request, Delivery& delivery) {
                    return handle(request, delivery);
                })) {}

awaitable<void> SharedQueueConsumer::run() {
    co_await service_.attempt("jobs", [this] { return take_over(); });
    co_await service_.attempt("jobs", [this] { return look_after(); });
    std::exception_ptr end;
    try {
        co_await (consumer_.run() && hear_cancellations() && keep_house());
    } catch (...) {
        end = std::current_exception();
    }
    // In a coroutine of its own, that is not cancelled.
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await asio::co_spawn(service_.executor(), return_runs(), asio::use_awaitable);
    if (end) std::rethrow_exception(end);
}

pgclient::Task<Outcome> SharedQueueConsumer::handle(const JobRequest& asked, Delivery& delivery) {
    JobRequest request = asked;
    request.language = runner_.language(asked.language);
    const JobIdentity identity = identity_of(request);
    RunningJobs::Job job(running_, service_.executor(), request.request_id);
    const auto refusal = runner_.check(request);
    const bool starts = !refusal && !request.share_identical.value_or(false) &&
                        admission_.has_room(runner_.memory_mb(request));
    const Begun begun = co_await store_.begin(request, identity, delivery.claim(), starts);
    if (begun.state == "ended") throw AlreadyDone();
    std::optional<JobResult> result = answer_at_once(request, begun);
    std::optional<sandbox::Limits> limits;
    if (!result && refusal) result = answer_without_run("refused", error_of(*refusal));
    if (!result) {
        Attempt attempt{request, identity, job, begun, starts};
        co_await run_unless_cancelled(attempt);
        result = co_await answer_of(attempt, delivery.claim());
        if (!attempt.is_shared && attempt.result) limits = runner_.limits(request);
    }
    address(*result, request, begun.attempt, store_.instance_id());
    co_return outcome_of(std::move(*result), request, identity, limits);
}

std::optional<JobResult> SharedQueueConsumer::answer_at_once(const JobRequest& request,
                                                             const Begun& begun) const {
    if (begun.state == "cancelled")
        return answer_without_run("cancelled",
                                  {.code = "cancelled", .message = "it was cancelled before it ran"});
    if (begun.expired)
        return answer_without_run("cancelled", {.code = "expired",
                                                .message = core::format("nobody wants it after {}",
                                                                        request.expires_at.value_or(""))});
    if (begun.lost >= max_attempts_)
        return answer_without_run(
            "sandbox_error",
            {.code = "attempts_lost",
             .message = core::format("{} times the service ended while it was at this job", begun.lost)});
    if (cpu_ms_per_hour_ > 0 && begun.cpu_ms >= cpu_ms_per_hour_)
        return answer_without_run(
            "refused",
            {.code = "quota_exceeded",
             .message = core::format("this agent's jobs used {} s of CPU time within the hour, and {} s are "
                                     "allowed (genesis.cpu_seconds_per_agent_hour)",
                                     begun.cpu_ms / 1000, cpu_ms_per_hour_ / 1000),
             .retryable = true});
    return std::nullopt;
}

// A stop of the service ends the attempt, too; then there is no answer, and the message is given back.
awaitable<void> SharedQueueConsumer::run_unless_cancelled(Attempt& attempt) {
    co_await (make(attempt) || attempt.job.until_cancelled());
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none)
        throw boost::system::system_error(asio::error::operation_aborted);
}

// What broke underneath is not the job's, and tried again; who asked is answered when that was in vain.
awaitable<JobResult> SharedQueueConsumer::answer_of(Attempt& attempt, const Claim& claim) {
    const std::optional<JobResult>& result = attempt.result;
    const bool broke = !result || result->verdict == "sandbox_error" || result->verdict == "cancelled";
    if (!broke) co_return *result;
    if (attempt.job.cancelled()) {
        if (result && result->verdict == "cancelled") co_return *result;
        co_return answer_without_run("cancelled", {.code = "cancelled", .message = "it was cancelled"});
    }
    const std::string reason = reason_of(attempt);
    if (failures(claim) + 1 >= max_attempts_) {
        if (result && result->verdict == "sandbox_error") co_return *result;
        co_return answer_without_run("sandbox_error", {.code = "sandbox_error", .message = reason});
    }
    co_await store_.give_up(attempt.request.request_id, attempt.begun.attempt, "failed", reason);
    throw std::runtime_error(reason);
}

// Throws what says that a database is away: then nothing is the job's fault.
std::string SharedQueueConsumer::reason_of(const Attempt& attempt) {
    if (attempt.result)
        return attempt.result->error ? attempt.result->error->message : "the box gave no result";
    try {
        std::rethrow_exception(attempt.failure);
    } catch (const pgclient::DbError&) {
        throw;
    } catch (const std::exception& error) {
        return error.what();
    }
}

}  // namespace singularity::services::genesis
