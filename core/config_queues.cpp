#include "core/config_queues.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/config_settings.hpp"
#include "core/format.hpp"

namespace singularity::core {

namespace {

using std::string;
using Q = QueueSettings;

constexpr std::string_view kNames[] = {
    "agent_messages",
    "agent_responses",
    "approval_requests",
    "approval_responses",
    "centralcloud-new-patterns",
    "centralcloud_updates",
    "dead_letters",
    "embedding_requests",
    "embedding_results",
    "job_requests",
    "job_results",
    "llm_requests",
    "llm_results",
    "outbox",
    "pattern_discoveries_published",
    "performance_stats_published",
    "question_requests",
    "question_responses",
};

// What a service's own database has for its relay alone.
constexpr std::string_view kRelayed[] = {"centralcloud-new-patterns", "outbox"};

template <class Number>
std::optional<Number> number_in(const string& text, Number low, Number high) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    if (!(value >= low && value <= high)) return std::nullopt;  // nor NaN
    return value;
}

template <auto Member, std::int64_t High>
string set_count(Q& queue, const string& text) {
    const auto value = number_in<std::int64_t>(text, 1, High);
    if (!value) return core::format("a whole number from 1 to {}", High);
    queue.*Member = value;
    return {};
}

string set_rate(Q& queue, const string& text) {
    const auto value = number_in<double>(text, 0.001, 1e6);
    if (!value) return "a number from 0.001 to 1000000";
    queue.per_second = value;
    return {};
}

template <auto Member>
std::optional<string> get_number(const Q& queue) {
    if (!(queue.*Member)) return std::nullopt;
    return core::format("{}", *(queue.*Member));
}

const QueueField kFields[] = {
    {"retention_days", "how long its archive is kept", set_count<&Q::retention_days, kMaxRetentionDays>,
     get_number<&Q::retention_days>},
    {"max_attempts", "attempts, then a message is a dead letter", set_count<&Q::max_attempts, 1000>,
     get_number<&Q::max_attempts>},
    {"concurrency", "messages that a consumer handles at once", set_count<&Q::concurrency, 10'000>,
     get_number<&Q::concurrency>},
    {"batch", "messages a read", set_count<&Q::batch, kMaxBatch>, get_number<&Q::batch>},
    {"per_second", "messages that a consumer begins in a second", set_rate, get_number<&Q::per_second>},
    {"visibility_seconds", "how long a claim lasts without a heartbeat",
     set_count<&Q::visibility_seconds, 86'400>, get_number<&Q::visibility_seconds>},
};

}  // namespace

std::span<const std::string_view> queue_names() {
    return kNames;
}

std::span<const QueueField> queue_fields() {
    return kFields;
}

const QueueField* find_queue_field(std::string_view queue, std::string_view key) {
    if (key == "retention_days" && std::ranges::contains(kRelayed, queue)) return nullptr;
    const auto found = std::ranges::find(kFields, key, &QueueField::key);
    return found == std::end(kFields) ? nullptr : found;
}

std::map<std::string, QueueSettings> default_queues() {
    std::map<std::string, QueueSettings> queues;
    for (const std::string_view name : kRelayed) queues[string(name)].visibility_seconds = 5;
    return queues;
}

std::optional<QueueKey> queue_key(std::string_view key) {
    constexpr std::string_view kPrefix = "queues.";
    if (!key.starts_with(kPrefix)) return std::nullopt;
    key.remove_prefix(kPrefix.size());
    const std::size_t dot = key.rfind('.');
    if (dot == std::string_view::npos) return std::nullopt;
    return QueueKey{.queue = string(key.substr(0, dot)), .field = key.substr(dot + 1)};
}

}  // namespace singularity::core
