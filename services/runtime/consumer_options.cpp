#include "messages/registry.hpp"
#include "services/runtime/consumer.hpp"

namespace singularity::services {

namespace {

// What is said of a queue counts for that of every instance.
auto settings_of(const core::Config& config, const std::string& queue) {
    const messages::QueueContract* contract = messages::find_contract(queue);
    return config.queues.find(contract ? std::string(contract->queue) : queue);
}

}  // namespace

ConsumerOptions consumer_options(const core::Config& config, std::string queue, std::size_t concurrency) {
    ConsumerOptions options{.queue = std::move(queue),
                            .concurrency = concurrency,
                            .batch = static_cast<std::size_t>(config.shared_queue_batch_size),
                            .poll = std::chrono::milliseconds(config.shared_queue_poll_ms)};
    const auto found = settings_of(config, options.queue);
    if (found == config.queues.end()) return options;
    const core::QueueSettings& settings = found->second;
    if (settings.concurrency) options.concurrency = static_cast<std::size_t>(*settings.concurrency);
    if (settings.batch) options.batch = static_cast<std::size_t>(*settings.batch);
    if (settings.max_attempts) options.max_attempts = static_cast<int>(*settings.max_attempts);
    if (settings.visibility_seconds) options.visibility = std::chrono::seconds(*settings.visibility_seconds);
    options.per_second = settings.per_second;
    return options;
}

ConsumerOptions batch_options(const core::Config& config, std::string queue) {
    ConsumerOptions options = consumer_options(config, std::move(queue), kPassedOn);
    options.once = Once::by_handler;
    const auto found = settings_of(config, options.queue);
    const bool said = found != config.queues.end() && (found->second.batch || found->second.concurrency);
    if (!said) options.batch = std::max(options.batch, kPassedOn);
    return options;
}

}  // namespace singularity::services
