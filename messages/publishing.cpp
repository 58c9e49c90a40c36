#include "messages/publishing.hpp"

#include <boost/json.hpp>

#include "core/format.hpp"
#include "messages/body_check.hpp"
#include "messages/envelope.hpp"
#include "messages/registry.hpp"
#include "messages/validation.hpp"

namespace singularity::messages {

namespace {

namespace json = boost::json;

bool is_missing(const json::object& body, std::string_view field) {
    const json::value* value = body.if_contains(field);
    return !value || value->is_null() || (value->is_string() && value->get_string().empty());
}

void fill(json::object& body, std::string_view field, std::string_view value) {
    if (!value.empty() && is_missing(body, field)) body[field] = value;
}

void fill_identity(const QueueContract& contract, json::object& body, const Defaults& defaults) {
    std::string id = request_id_of(body);
    const bool is_new = id.empty() && defaults.request_id.empty();
    if (is_new && brings_answers(contract)) return;
    if (id.empty()) id = is_new ? new_request_id() : defaults.request_id;
    fill(body, "request_id", id);
    fill(body, contract.key, id);
    if (defaults.enqueued_at || is_new) {
        fill(body, "enqueued_at", core::rfc3339(defaults.enqueued_at.value_or(core::now())));
    }
}

// 1.0 is the same number as 1, and what some languages write of it.
void fill_version(json::object& body) {
    if (is_missing(body, "schema_version")) body["schema_version"] = kSchemaVersion;
    json::value& version = body["schema_version"];
    if (version.is_double() && version.get_double() == kSchemaVersion) version = kSchemaVersion;
}

void fill_in(const QueueContract& contract, json::object& body, const Defaults& defaults) {
    fill_version(body);
    fill_identity(contract, body, defaults);
    fill(body, "instance_id", defaults.instance_id);
    fill(body, "agent_id", defaults.agent_id);
    fill(body, "traceparent", defaults.traceparent);
    if (!contract.routed) return;
    fill(body, "model", "auto");
    fill(body, "provider", "auto");
}

core::Expected<void> check(const QueueContract& contract, const json::value& body) {
    const auto refused = [&contract](std::vector<std::string> problems) {
        return core::failure(core::ErrorCode::invalid_input,
                             core::format("the message can't go to {}", contract.queue), std::move(problems));
    };
    if (auto problems = text_problems(body.get_object()); !problems.empty())
        return refused(std::move(problems));
    if (serialized_size(body, kMaxBodyBytes + 1) > kMaxBodyBytes) {
        return refused({core::format("the message: is longer than {} MB", kMaxBodyBytes >> 20)});
    }
    if (auto verdict = validate(contract.queue, body); !verdict) return verdict;
    const std::string_view request_id = body.at("request_id").as_string();
    if (const std::string trouble = trouble_with_request_id(request_id); !trouble.empty())
        return refused({"request_id: " + trouble});
    if (request_id != std::string_view(body.at(contract.key).as_string())) {
        return refused(
            {core::format("{}: must be the same as request_id, of which it is an older name", contract.key)});
    }
    return {};
}

}  // namespace

core::Expected<json::object> complete(std::string_view queue, json::object body, const Defaults& defaults) {
    const QueueContract* contract = find_contract(queue);
    if (!contract) {
        return core::failure(core::ErrorCode::not_found,
                             core::format("there is no queue \"{}\" that messages are published to", queue));
    }
    fill_in(*contract, body, defaults);
    json::value whole(std::move(body));
    if (const auto verdict = check(*contract, whole); !verdict) return std::unexpected(verdict.error());
    return std::move(whole.get_object());
}

std::vector<std::string> empty_ids(std::string_view queue, const json::object& body) {
    const QueueContract* contract = find_contract(queue);
    std::vector<std::string_view> names{"request_id"};
    if (contract && contract->key != "request_id") names.push_back(contract->key);
    std::vector<std::string> problems;
    for (const std::string_view name : names) {
        const json::value* value = body.if_contains(name);
        if (value && value->is_string() && value->get_string().empty())
            problems.push_back(core::format("{}: is empty; leave it out to be given one", name));
    }
    return problems;
}

core::Expected<json::object> complete(std::string_view queue, json::value body, const Defaults& defaults) {
    if (body.is_object()) return complete(queue, std::move(body.get_object()), defaults);
    return core::failure(
        core::ErrorCode::invalid_input,
        core::format("a message must be an object, not {}", std::string(json::to_string(body.kind()))));
}

}  // namespace singularity::messages
