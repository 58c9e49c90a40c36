#include "services/nexus/metrics.hpp"

#include <prometheus/text_serializer.h>

#include <boost/asio.hpp>

#include "pgclient/error.hpp"

namespace singularity::services::nexus {

using boost::asio::awaitable;

namespace {

using Labels = std::vector<prometheus::ClientMetric::Label>;

class Families {
public:
    void gauge(const std::string& name, const std::string& help, Labels labels, double value) {
        add(name, help, prometheus::MetricType::Gauge, std::move(labels)).gauge.value = value;
    }

    // Empty, and to be filled before anything else is added.
    prometheus::ClientMetric::Histogram& histogram(const std::string& name, const std::string& help,
                                                   Labels labels) {
        return add(name, help, prometheus::MetricType::Histogram, std::move(labels)).histogram;
    }

    std::string text() const { return prometheus::TextSerializer().Serialize(families_); }

private:
    prometheus::ClientMetric& add(const std::string& name, const std::string& help,
                                  prometheus::MetricType type, Labels labels) {
        if (families_.empty() || families_.back().name != name) families_.push_back({name, help, type, {}});
        prometheus::ClientMetric& metric = families_.back().metric.emplace_back();
        metric.label = std::move(labels);
        return metric;
    }

    std::vector<prometheus::MetricFamily> families_;
};

awaitable<void> add_latencies(Families& families, Store& store) {
    prometheus::ClientMetric::Histogram* histogram = nullptr;
    std::string queue;
    for (const auto& row : co_await store.latencies()) {
        if (!histogram || row.queue != queue) {
            queue = row.queue;
            histogram = &families.histogram("singularity_queue_latency_seconds",
                                            "From a message's enqueue to its archive", {{"queue", queue}});
            histogram->sample_sum = row.seconds_sum;
        }
        histogram->bucket.push_back({static_cast<std::uint64_t>(row.messages_within), row.bound});
        histogram->sample_count = static_cast<std::uint64_t>(row.messages_within);
    }
}

awaitable<void> add_queues(Families& families, Store& store) {
    const auto queues = co_await store.queues();
    for (const auto& row : queues) {
        families.gauge("singularity_queue_messages", "Messages in the queue, claimed ones included",
                       {{"queue", row.queue}}, static_cast<double>(row.waiting));
    }
    for (const auto& row : queues) {
        families.gauge("singularity_queue_visible_messages", "Messages that a reader would get now",
                       {{"queue", row.queue}}, static_cast<double>(row.visible));
    }
    for (const auto& row : queues) {
        families.gauge("singularity_queue_oldest_seconds", "Age of the oldest message",
                       {{"queue", row.queue}}, static_cast<double>(row.oldest_seconds.value_or(0)));
    }
    for (const auto& row : co_await store.dead_letters()) {
        families.gauge("singularity_dead_letters", "Messages that no consumer could handle",
                       {{"queue", row.queue}}, static_cast<double>(row.letters));
    }
    co_await add_latencies(families, store);
    const auto alarms = co_await store.alarms();
    families.gauge("singularity_alarms", "How many rules are broken", {}, static_cast<double>(alarms.size()));
    for (const auto& row : alarms) {
        families.gauge("singularity_alarm", "What a broken rule measured",
                       {{"alarm", row.alarm}, {"queue", row.queue}, {"measure", row.measure}}, row.value);
    }
}

awaitable<void> add_hub(Families& families, Store& store) {
    for (const auto& row : co_await store.candidates()) {
        families.gauge("singularity_patterns", "Patterns that CentralCloud knows", {{"status", row.status}},
                       static_cast<double>(row.patterns));
    }
    const auto slots = co_await store.slots();
    for (const auto& row : slots) {
        families.gauge("singularity_replication_active", "Whether the subscriber is connected",
                       {{"slot", row.slot}}, row.active ? 1 : 0);
    }
    for (const auto& row : slots) {
        families.gauge("singularity_replication_lag_bytes", "WAL that the subscriber has not confirmed",
                       {{"slot", row.slot}}, static_cast<double>(row.lag_bytes));
    }
}

awaitable<void> add_replica(Families& families, Store& store) {
    families.gauge("singularity_approved_patterns", "Approved patterns in the instance's replica", {},
                   static_cast<double>(co_await store.approved_count()));
}

// Whether the source could be asked.
awaitable<bool> added(awaitable<void> source) {
    try {
        co_await std::move(source);
        co_return true;
    } catch (const pgclient::DbError& error) {
        if (error.cause() == pgclient::Cause::cancelled) throw;
    }
    co_return false;
}

}  // namespace

void add_metrics(http::Router& router, Store& store) {
    router.add("GET", "/metrics", [&store](const http::Request&) -> awaitable<http::Response> {
        Families families;
        std::map<std::string, bool> up;
        up["shared_queue"] = co_await added(add_queues(families, store));
        up["centralcloud"] = co_await added(add_hub(families, store));
        up["singularity"] = co_await added(add_replica(families, store));
        for (const auto& [database, answers] : up) {
            families.gauge("singularity_database_up", "Whether the database answers",
                           {{"database", database}}, answers ? 1 : 0);
        }
        http::Response response = http::Response::text(families.text());
        response.content_type = "text/plain; version=0.0.4; charset=utf-8";
        co_return response;
    });
}

}  // namespace singularity::services::nexus
