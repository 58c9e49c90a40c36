#include "cluster/status.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "cluster/replace_file.hpp"

namespace singularity::cluster {

namespace {

namespace json = boost::json;

template <typename T>
json::value nullable(const std::optional<T>& value) {
    return value ? json::value(*value) : json::value(nullptr);
}

std::optional<pid_t> pid_from(const json::value& value) {
    if (value.is_null()) return std::nullopt;
    return value.to_number<pid_t>();
}

std::optional<std::string> text_from(const json::value& value) {
    if (value.is_null()) return std::nullopt;
    return json::value_to<std::string>(value);
}

core::Timestamp time_from(const json::value& value) {
    core::Timestamp time;
    std::istringstream stream(json::value_to<std::string>(value));
    stream >> std::chrono::parse("%FT%TZ", time);
    return time;
}

PartStatus part_from(const json::value& value) {
    return {json::value_to<std::string>(value.at("name")), json::value_to<std::string>(value.at("state")),
            pid_from(value.at("pid")), time_from(value.at("since")),
            json::value_to<std::string>(value.at("detail"))};
}

bool any_is(const std::vector<PartStatus>& parts, std::string_view state) {
    return std::ranges::contains(parts, state, &PartStatus::state);
}

}  // namespace

std::string overall_state(const std::vector<PartStatus>& parts, bool was_healthy, bool stopping) {
    if (stopping) {
        const bool ended = std::ranges::all_of(
            parts, [](const PartStatus& part) { return part.state == "stopped" || part.state == "failed"; });
        if (!ended) return "stopping";
        return any_is(parts, "failed") ? "failed" : "stopped";
    }
    if (std::ranges::all_of(parts, [](const PartStatus& part) { return part.state == "healthy"; }))
        return "healthy";
    if (any_is(parts, "failed") || any_is(parts, "degraded")) return "degraded";
    return was_healthy ? "degraded" : "starting";
}

json::value to_json(const Status& status) {
    json::array services;
    for (const PartStatus& part : status.services) {
        services.push_back({{"name", part.name},
                            {"state", part.state},
                            {"pid", nullable(part.pid)},
                            {"since", core::rfc3339(part.since)},
                            {"detail", part.detail}});
    }
    return {{"state", status.state},
            {"home", status.home},
            {"data_directory", status.data_directory},
            {"supervisor_pid", nullable(status.supervisor_pid)},
            {"postmaster_pid", nullable(status.postmaster_pid)},
            {"http", nullable(status.http)},
            {"services", services}};
}

std::optional<Status> status_from_json(std::string_view text) {
    try {
        const json::value value = json::parse(text);
        Status status{json::value_to<std::string>(value.at("state")),
                      json::value_to<std::string>(value.at("home")),
                      json::value_to<std::string>(value.at("data_directory")),
                      pid_from(value.at("supervisor_pid")),
                      pid_from(value.at("postmaster_pid")),
                      text_from(value.at("http")),
                      {}};
        for (const json::value& part : value.at("services").as_array())
            status.services.push_back(part_from(part));
        return status;
    } catch (const boost::system::system_error&) {
        return std::nullopt;  // written by another version, or by somebody else
    }
}

Status stopped_status(const Home& home) {
    return {"stopped", home.root().string(), home.data().string(), {}, {}, {}, {}};
}

core::Expected<void> write_status(const Home& home, const Status& status) {
    return replace_file(home.status(), json::serialize(to_json(status)) + "\n", 0644, Durability::passing);
}

std::optional<Status> read_status(const Home& home) {
    return read_file(home.status()).and_then([](const std::string& text) { return status_from_json(text); });
}

}  // namespace singularity::cluster
