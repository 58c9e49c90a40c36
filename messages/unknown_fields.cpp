#include "messages/unknown_fields.hpp"

#include <algorithm>

#include "messages/json_path.hpp"

namespace singularity::messages {

namespace {

namespace json = boost::json;
using Paths = std::vector<std::string>;

void compare(const json::value& given, const json::value& understood, const JsonPath& path, Paths& unknown);

void compare(const json::object& given, const json::object& understood, const JsonPath& path,
             Paths& unknown) {
    for (const auto& [name, value] : given) {
        const JsonPath at(path, name);
        const json::value* known = understood.if_contains(name);
        if (known != nullptr) compare(value, *known, at, unknown);
        else if (!value.is_null()) unknown.push_back(at.text());
    }
}

void compare(const json::value& given, const json::value& understood, const JsonPath& path, Paths& unknown) {
    if (given.is_object() && understood.is_object())
        return compare(given.get_object(), understood.get_object(), path, unknown);
    if (!given.is_array() || !understood.is_array()) return;
    const std::size_t both = std::min(given.get_array().size(), understood.get_array().size());
    for (std::size_t i = 0; i < both; ++i)
        compare(given.get_array()[i], understood.get_array()[i], JsonPath(path, i), unknown);
}

}  // namespace

Paths unknown_fields(const json::object& given, const json::object& understood) {
    Paths unknown;
    compare(given, understood, JsonPath(), unknown);
    return unknown;
}

}  // namespace singularity::messages
