#include "services/nexus/console.hpp"

#include <boost/asio.hpp>

#include "core/format.hpp"
#include "pgclient/error.hpp"

namespace singularity::services::nexus {

using boost::asio::awaitable;

namespace {

constexpr std::string_view kHead = R"(<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Singularity</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72em; margin: 2em auto; padding: 0 1em; color: #222 }
h1 { font-size: 1.5em } h2 { font-size: 1.1em; margin-top: 2em }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .3em .8em .3em 0; border-bottom: 1px solid #ddd; vertical-align: top }
td.number, th.number { text-align: right }
p.amiss { color: #a00 }
@media (prefers-color-scheme: dark) { body { background: #111; color: #ddd } td, th { border-color: #333 } }
</style>
<h1>Singularity</h1>
)";

awaitable<std::string> patterns_section(Store& store) {
    const auto patterns = co_await store.approved_patterns();
    std::string rows;
    for (const PatternRow& row : patterns) {
        rows += core::format("<tr><td>{}<td>{}<td class=number>{:.3f}<td class=number>{}<td>{}\n",
                             escaped(row.name), escaped(row.ecosystem), row.confidence, row.files.value_or(0),
                             escaped(row.description.value_or("")));
    }
    co_return core::format(
        "<h2>{} approved patterns</h2>\n<table><tr><th>Pattern<th>Language<th class=number>Confidence"
        "<th class=number>Files<th>Meaning\n{}</table>\n",
        co_await store.approved_count(), rows);
}

awaitable<std::string> queues_section(Store& store) {
    std::string rows;
    for (const QueueRow& row : co_await store.queues()) {
        rows += core::format("<tr><td>{}<td class=number>{}<td class=number>{}\n", escaped(row.queue),
                             row.waiting, row.total);
    }
    co_return core::format(
        "<h2>Queues</h2>\n<table><tr><th>Queue<th class=number>Waiting<th class=number>Ever sent\n"
        "{}</table>\n",
        rows);
}

awaitable<std::string> replication_section(Store& store) {
    std::string rows;
    for (const SlotRow& row : co_await store.slots()) {
        rows += core::format("<tr><td>{}<td>{}<td class=number>{}\n", escaped(row.slot),
                             row.active ? "connected" : "not connected", row.lag_bytes);
    }
    co_return core::format(
        "<h2>Replication</h2>\n<table><tr><th>Subscriber<th>State<th class=number>Bytes behind\n"
        "{}</table>\n",
        rows);
}

// A section whose database does not answer says so; the others still show.
awaitable<std::string> shown(awaitable<std::string> section, std::string_view what) {
    try {
        co_return co_await std::move(section);
    } catch (const pgclient::DbError& error) {
        if (error.cause() == pgclient::Cause::cancelled) throw;
    }
    co_return core::format("<p class=amiss>{} can't be read now; /readyz says why.</p>\n", what);
}

}  // namespace

std::string escaped(std::string_view text) {
    std::string result;
    for (const char letter : text) {
        switch (letter) {
            case '&': result += "&amp;"; break;
            case '<': result += "&lt;"; break;
            case '>': result += "&gt;"; break;
            case '"': result += "&quot;"; break;
            default: result += letter;
        }
    }
    return result;
}

void add_console(http::Router& router, Store& store) {
    router.add("GET", "/", [&store](const http::Request&) -> awaitable<http::Response> {
        http::Response response;
        response.content_type = "text/html; charset=utf-8";
        response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'";
        response.body = std::string(kHead) + co_await shown(patterns_section(store), "Patterns") +
                        co_await shown(queues_section(store), "Queues") +
                        co_await shown(replication_section(store), "Replication");
        co_return response;
    });
}

}  // namespace singularity::services::nexus
