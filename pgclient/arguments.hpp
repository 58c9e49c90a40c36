// A statement's parameters, copied out of the caller's values in the call itself: nothing of the
// caller's needs to live until the returned task is awaited.
#pragma once

#include "pgclient/codec.hpp"
#include "pgclient/codec_array.hpp"
#include "pgclient/codec_ulid.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace singularity::pgclient {

// How a value lies in the buffer; a text has a NUL behind it, which its size doesn't count. A ULID's final
// form depends on the type that the server infers for its parameter, which is known once the statement is
// prepared (see parameters.hpp).
enum class Form : std::uint8_t { null, binary, text, ulid, ulid_array };

struct Argument {
    Oid declared = oid::kUnspecified;
    Form form = Form::null;
    std::size_t offset = 0;
    std::size_t size = 0;
};

// What a C++ argument is encoded as: string literals and views as std::string, byte views as Bytes.
template <class T>
struct ArgumentType {
    static_assert(!std::is_unsigned_v<T> || std::is_same_v<T, bool>,
                  "PostgreSQL has no unsigned integers: pass a signed one");
    using Type = T;
};
template <class T>
    requires std::is_convertible_v<const T&, std::string_view>
struct ArgumentType<T> {
    using Type = std::string;
};
template <>
struct ArgumentType<std::span<const std::byte>> {
    using Type = Bytes;
};
template <>
struct ArgumentType<long long> {
    using Type = std::int64_t;
};

class Arguments {
public:
    template <class... A>
    explicit Arguments(const A&... values) {
        arguments_.reserve(sizeof...(A));
        (add(values), ...);
    }

    std::span<const Argument> all() const { return arguments_; }
    std::span<const std::byte> bytes(const Argument& argument) const {
        return std::span(buffer_).subspan(argument.offset, argument.size);
    }

private:
    template <class T>
    void add(const std::optional<T>& value) {
        if (value) return add(*value);
        arguments_.push_back({.declared = Codec<typename ArgumentType<T>::Type>::kOid});
    }

    void add(std::nullopt_t) { arguments_.push_back({}); }

    template <class T>
    void add(const T& value) {
        using Type = typename ArgumentType<T>::Type;
        static_assert(Value<Type>, "not a type that parameters can have: see the table in codec.hpp");
        const std::size_t offset = buffer_.size();
        Codec<Type>::encode(value, buffer_);
        arguments_.push_back({Codec<Type>::kOid, form_of<Type>(), offset, buffer_.size() - offset});
        if constexpr (form_of<Type>() == Form::text) buffer_.push_back(std::byte{0});
    }

    template <class T>
    static constexpr Form form_of() {
        if constexpr (std::is_same_v<T, std::string>) return Form::text;
        else if constexpr (std::is_same_v<T, algo::Ulid>) return Form::ulid;
        else if constexpr (std::is_same_v<T, std::vector<algo::Ulid>>) return Form::ulid_array;
        else return Form::binary;
    }

    std::vector<Argument> arguments_;
    Buffer buffer_;
};

}  // namespace singularity::pgclient
