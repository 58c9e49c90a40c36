#include "messages/schema_problems.hpp"

#include <boost/json.hpp>
#include <charconv>

#include "core/format.hpp"
#include "messages/json_path.hpp"

namespace singularity::messages {

namespace {

namespace json = boost::json;

constexpr std::string_view kMissing = "Missing required property '";
constexpr std::string_view kConsequences[] = {"Failed to validate against schema associated with property",
                                              "Failed to validate item #"};
constexpr std::string_view kType = "Value type not permitted by 'type' constraint.";
constexpr std::string_view kEnum = "Failed to match against any enum values.";
constexpr std::string_view kPattern = "Failed to match regex specified by 'pattern' constraint.";

// A value of the body, where it stands, and the schema that holds for it.
struct Place {
    const json::value* schema;
    const json::value* value;
    std::string path;
};

const json::value* member(const json::value* object, std::string_view name) {
    const json::object* members = object ? object->if_object() : nullptr;
    return members ? members->if_contains(name) : nullptr;
}

std::string joined(const std::string& path, std::string_view name) {
    const std::string own = JsonPath(JsonPath(), name).text();
    return path.empty() ? own : path + "." + own;
}

void step_into(Place& place, std::string_view name) {
    std::size_t index = 0;
    if (const json::array* array = place.value ? place.value->if_array() : nullptr) {
        std::from_chars(name.data(), name.data() + name.size(), index);
        place = {member(place.schema, "items"), array->if_contains(index),
                 core::format("{}[{}]", place.path, index)};
    } else {
        place = {member(member(place.schema, "properties"), name), member(place.value, name),
                 joined(place.path, name)};
    }
}

Place find(const json::value& schema, const json::value& body, const std::vector<std::string>& context) {
    Place place{&schema, &body, {}};
    for (std::size_t i = 1; i < context.size(); ++i) {
        const std::string_view step = context[i];
        step_into(place, step.size() > 2 ? step.substr(1, step.size() - 2) : step);
    }
    return place;
}

std::string_view with_article(std::string_view type) {
    if (type == "integer") return "a whole number";
    if (type == "object") return "an object";
    if (type == "array") return "an array";
    if (type == "number") return "a number";
    return type == "boolean" ? "a boolean" : type == "string" ? "a string" : "null";
}

std::string types(const json::value* allowed) {
    if (!allowed) return "another type";
    if (allowed->is_string()) return std::string(with_article(allowed->get_string()));
    std::string text;
    for (const json::value& type : allowed->as_array()) {
        if (type == "null") continue;
        text += (text.empty() ? "" : " or ") + std::string(with_article(type.as_string()));
    }
    return text;
}

std::string kind_of(const json::value* value) {
    return value ? std::string(json::to_string(value->kind())) : "this";
}

std::string what_is_wrong(const Place& place, std::string_view description) {
    if (description == kType) {
        return core::format("{} is needed, not {}", types(member(place.schema, "type")),
                            kind_of(place.value));
    }
    if (description == kEnum && member(place.schema, "enum")) {
        return "must be one of " + json::serialize(*member(place.schema, "enum"));
    }
    if (description == kPattern && member(place.schema, "pattern")) {
        return "must match " + json::serialize(*member(place.schema, "pattern"));
    }
    if (place.path == "schema_version" && place.value) {
        return core::format("{} is not known; {} is", json::serialize(*place.value),
                            json::serialize(*member(place.schema, "maximum")));
    }
    return std::string(description);
}

}  // namespace

std::string readable_problem(const json::value& schema, const json::value& body, const RawProblem& problem) {
    for (const std::string_view consequence : kConsequences) {
        if (problem.description.starts_with(consequence)) return {};
    }
    const Place place = find(schema, body, problem.context);
    if (problem.description.starts_with(kMissing)) {
        std::string_view name = std::string_view(problem.description).substr(kMissing.size());
        name = name.substr(0, name.find('\''));
        return joined(place.path, name) + ": is missing";
    }
    const std::string wrong = what_is_wrong(place, problem.description);
    return place.path.empty() ? wrong : place.path + ": " + wrong;
}

}  // namespace singularity::messages
