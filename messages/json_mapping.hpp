// Maps structs to JSON objects and back, by the members that BOOST_DESCRIBE_STRUCT names.
//
// A scalar or struct member is required, and so is a Nullable, which may be null; std::optional,
// std::vector and boost::json::object members may be absent or null. A boost::json::value takes whatever
// is there. Members of base structs are members. What the struct does not name is ignored. Errors name
// the path ("evidence[3].confidence") and what was needed.
#pragma once

#include <boost/describe.hpp>
#include <boost/json.hpp>
#include <boost/mp11.hpp>

#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "core/error.hpp"
#include "messages/json_path.hpp"
#include "messages/nullable.hpp"

namespace singularity::messages {

namespace detail {

template <typename T>
using Members =
    boost::describe::describe_members<T, boost::describe::mod_public | boost::describe::mod_inherited>;

template <typename T>
inline constexpr bool kIsOptional = false;
template <typename T>
inline constexpr bool kIsOptional<std::optional<T>> = true;

template <typename T>
inline constexpr bool kIsNullable = false;
template <typename T>
inline constexpr bool kIsNullable<Nullable<T>> = true;

template <typename T>
inline constexpr bool kIsVector = false;
template <typename T>
inline constexpr bool kIsVector<std::vector<T>> = true;

template <typename T>
inline constexpr bool kMayBeAbsent = kIsOptional<T> || kIsVector<T> || std::is_same_v<T, boost::json::object>;

using Problems = std::vector<std::string>;

inline std::string needs(const JsonPath& path, std::string_view what, const boost::json::value& got) {
    return path.text() + ": " + std::string(what) + " is needed, not " +
           std::string(boost::json::to_string(got.kind()));
}

template <typename T>
void read(const boost::json::value& json, const JsonPath& path, T& out, Problems& problems);

template <typename T>
void read_struct(const boost::json::object& object, const JsonPath& path, T& out, Problems& problems) {
    boost::mp11::mp_for_each<Members<T>>([&](auto member) {
        auto& field = out.*member.pointer;
        constexpr bool absent_is_fine = kMayBeAbsent<std::remove_reference_t<decltype(field)>>;
        const JsonPath at(path, member.name);
        const boost::json::value* found = object.if_contains(member.name);
        if (!found) {
            if constexpr (!absent_is_fine) problems.push_back(at.text() + ": is missing");
        } else if (!absent_is_fine || !found->is_null()) {
            read(*found, at, field, problems);
        }
    });
}

template <typename T>
void read_elements(const boost::json::array& array, const JsonPath& path, std::vector<T>& out,
                   Problems& problems) {
    out.resize(array.size());
    for (std::size_t i = 0; i < array.size(); ++i) read(array[i], JsonPath(path, i), out[i], problems);
}

template <typename T>
void read(const boost::json::value& json, const JsonPath& path, T& out, Problems& problems) {
    if constexpr (kIsOptional<T> || kIsNullable<T>) {
        if (json.is_null()) return;
        read(json, path, out.emplace(), problems);
    } else if constexpr (std::is_same_v<T, boost::json::value>) {
        out = json;
    } else if constexpr (std::is_same_v<T, std::string>) {
        if (json.is_string()) out = json.get_string();
        else problems.push_back(needs(path, "a string", json));
    } else if constexpr (std::is_same_v<T, bool>) {
        if (json.is_bool()) out = json.get_bool();
        else problems.push_back(needs(path, "a boolean", json));
    } else if constexpr (std::is_integral_v<T>) {
        boost::system::error_code error;
        out = json.to_number<T>(error);
        if (error) problems.push_back(needs(path, "a whole number", json));
    } else if constexpr (std::is_floating_point_v<T>) {
        if (json.is_number()) out = json.to_number<T>();
        else problems.push_back(needs(path, "a number", json));
    } else if constexpr (std::is_same_v<T, boost::json::object>) {
        if (json.is_object()) out = json.get_object();
        else problems.push_back(needs(path, "an object", json));
    } else if constexpr (kIsVector<T>) {
        if (json.is_array()) read_elements(json.get_array(), path, out, problems);
        else problems.push_back(needs(path, "an array", json));
    } else {
        if (json.is_object()) read_struct(json.get_object(), path, out, problems);
        else problems.push_back(needs(path, "an object", json));
    }
}

template <typename T>
boost::json::value write(const T& value) {
    if constexpr (kIsNullable<T>) {
        return value ? write(*value) : boost::json::value();
    } else if constexpr (kIsVector<T>) {
        boost::json::array array;
        array.reserve(value.size());
        for (const auto& element : value) array.push_back(write(element));
        return array;
    } else if constexpr (boost::describe::has_describe_members<T>::value) {
        boost::json::object object;
        boost::mp11::mp_for_each<Members<T>>([&](auto member) {
            const auto& field = value.*member.pointer;
            if constexpr (kIsOptional<std::remove_cvref_t<decltype(field)>>) {
                if (field) object[member.name] = write(*field);
            } else {
                object[member.name] = write(field);
            }
        });
        return object;
    } else {
        return boost::json::value(value);
    }
}

}  // namespace detail

// invalid_input with one detail a field.
template <typename T>
core::Expected<T> from_json(const boost::json::value& json) {
    T result;
    detail::Problems problems;
    if (json.is_object()) {
        detail::read_struct(json.get_object(), JsonPath(), result, problems);
    } else {
        problems.push_back("an object is needed");
    }
    if (problems.empty()) return result;
    return core::failure(core::ErrorCode::invalid_input, "the message does not fit its type",
                         std::move(problems));
}

template <typename T>
boost::json::object to_json(const T& value) {
    return detail::write(value).as_object();
}

}  // namespace singularity::messages
