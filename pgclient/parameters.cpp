#include "pgclient/parameters.hpp"

#include "core/format.hpp"
#include "pgclient/error.hpp"

#include <algorithm>

namespace singularity::pgclient {

namespace {

constexpr std::size_t kUlidSize = 16;
constexpr std::size_t kMaxValueSize = (std::size_t{1} << 30) - 1;  // of any value in PostgreSQL
constexpr std::string_view kValueTooLarge = "54000";

algo::Ulid ulid_at(std::span<const std::byte> bytes, std::size_t index) {
    return Codec<algo::Ulid>::decode(oid::kUuid, bytes.subspan(index * kUlidSize, kUlidSize));
}

// Base 32 digits need no quotes in an array literal.
Buffer ulid_array_literal(std::span<const std::byte> bytes) {
    Buffer literal;
    append_text(literal, "{");
    for (std::size_t i = 0; i < bytes.size() / kUlidSize; ++i) {
        if (i > 0) append_text(literal, ",");
        append_text(literal, std::string_view(ulid_at(bytes, i).text()));
    }
    append_text(literal, std::string_view("}\0", 2));
    return literal;
}

Buffer uuid_array(std::span<const std::byte> bytes) {
    Buffer array;
    append_array_header(array, bytes.size() / kUlidSize, false, oid::kUuid);
    for (; !bytes.empty(); bytes = bytes.subspan(kUlidSize)) {
        append_integer(array, static_cast<std::int32_t>(kUlidSize));
        append_bytes(array, bytes.first(kUlidSize));
    }
    return array;
}

DbError refused(Query query, std::string_view sqlstate, std::string message) {
    return DbError({.cause = Cause::mismatch,
                    .sqlstate = std::string(sqlstate),
                    .message = std::move(message),
                    .query = std::string(query.name)});
}

void check(Query query, const Argument& argument, std::span<const std::byte> bytes, std::size_t number) {
    if (bytes.size() > kMaxValueSize) {
        throw refused(
            query, kValueTooLarge,
            core::format("parameter ${} has {} bytes, the limit is {}", number, bytes.size(), kMaxValueSize));
    }
    if (argument.form == Form::text && std::ranges::find(bytes, std::byte{0}) != bytes.end()) {
        throw refused(query, kBadCharacter,
                      core::format("parameter ${} contains a NUL character, which text can't hold", number));
    }
}

}  // namespace

void Parameters::assign(Query query, const Arguments& arguments, std::span<const Oid> types) {
    values_.clear();
    lengths_.clear();
    formats_.clear();
    reshaped_.clear();
    reshaped_.reserve(arguments.all().size());
    for (std::size_t i = 0; i < arguments.all().size(); ++i) {
        const Argument& argument = arguments.all()[i];
        const auto bytes = arguments.bytes(argument);
        const Oid type = i < types.size() ? types[i] : oid::kUnspecified;
        check(query, argument, bytes, i + 1);
        switch (argument.form) {
            case Form::null: push_null(); break;
            case Form::binary: push(bytes, true); break;
            case Form::text: push(bytes, false); break;
            case Form::ulid: push_ulid(bytes, type); break;
            case Form::ulid_array: push_ulid_array(bytes, type); break;
        }
    }
}

void Parameters::push_null() {
    values_.push_back(nullptr);
    lengths_.push_back(0);
    formats_.push_back(1);
}

void Parameters::push(std::span<const std::byte> bytes, bool binary) {
    // An empty span may have no address, which libpq would take for NULL.
    values_.push_back(bytes.empty() ? "" : reinterpret_cast<const char*>(bytes.data()));
    lengths_.push_back(static_cast<int>(bytes.size()));
    formats_.push_back(binary ? 1 : 0);
}

void Parameters::push_ulid(std::span<const std::byte> bytes, Oid type) {
    if (!is_text(type)) return push(bytes, true);
    Buffer& text = reshaped_.emplace_back();
    append_text(text, std::string_view(ulid_at(bytes, 0).text()));
    append_text(text, std::string_view("\0", 1));
    push(text, false);
}

void Parameters::push_ulid_array(std::span<const std::byte> bytes, Oid type) {
    const bool uuids = type == oid::kUuidArray;
    push(reshaped_.emplace_back(uuids ? uuid_array(bytes) : ulid_array_literal(bytes)), uuids);
}

}  // namespace singularity::pgclient
