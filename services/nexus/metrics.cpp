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
        if (families_.empty() || families_.back().name != name) {
            families_.push_back({name, help, prometheus::MetricType::Gauge, {}});
        }
        prometheus::ClientMetric metric;
        metric.label = std::move(labels);
        metric.gauge.value = value;
        families_.back().metric.push_back(std::move(metric));
    }

    std::string text() const { return prometheus::TextSerializer().Serialize(families_); }

private:
    std::vector<prometheus::MetricFamily> families_;
};

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
}

awaitable<void> add_hub(Families& families, Store& store) {
    for (const auto& row : co_await store.candidates()) {
        families.gauge("singularity_patterns", "Patterns that CentralCloud knows", {{"status", row.status}},
                       static_cast<double>(row.patterns));
    }
    for (const auto& row : co_await store.dead_letters()) {
        families.gauge("singularity_dead_letters", "Messages that no consumer could handle",
                       {{"queue", row.queue}}, static_cast<double>(row.letters));
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
