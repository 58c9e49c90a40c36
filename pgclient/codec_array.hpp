// One-dimensional arrays: std::vector<T> of every value that codec.hpp has, std::vector<std::optional<T>>
// where elements may be NULL. An empty vector is '{}', which has no dimension at all.
//
// Format (array_send): dimensions, has-nulls flag, element type; length and lower bound of each
// dimension; then each element as a length (-1: NULL) and its bytes.
#pragma once

#include "pgclient/codec.hpp"

#include <optional>
#include <vector>

namespace singularity::pgclient {

template <class T>
struct ElementOf {
    using Value = T;
    static constexpr bool kNullable = false;
};
template <class T>
struct ElementOf<std::optional<T>> {
    using Value = T;
    static constexpr bool kNullable = true;
};

// Reads the header and walks the elements, checking every length. Throws BadValue.
class ArrayReader {
public:
    explicit ArrayReader(std::span<const std::byte> bytes);

    Oid element_type() const { return element_type_; }
    std::size_t size() const { return size_; }
    // The next element's bytes; nothing for NULL. Called exactly size() times.
    std::optional<std::span<const std::byte>> next();

private:
    std::span<const std::byte> take(std::size_t count);

    std::span<const std::byte> rest_;
    Oid element_type_ = oid::kUnspecified;
    std::size_t size_ = 0;
};

// Appends the header. The elements follow as append_integer(length) and their bytes.
void append_array_header(Buffer& out, std::size_t size, bool has_nulls, Oid element_type);

// Writes the length that belongs to what was appended to `out` behind `start`, the place of that length.
void patch_length(Buffer& out, std::size_t start);

template <class T>
    requires Value<typename ElementOf<T>::Value>
struct Codec<std::vector<T>> {
    using Element = typename ElementOf<T>::Value;
    using Inner = Codec<Element>;

    static constexpr Oid kOid = Inner::kArrayOid;
    static constexpr Oid kElementOid = Inner::kOid == oid::kUnspecified ? oid::kText : Inner::kOid;
    static constexpr std::string_view kName = Inner::kName;  // "[]" is added where it is shown
    static constexpr bool kIsArray = true;

    static constexpr bool reads_element(Oid type) { return Inner::reads(type); }
    static bool reads(Oid type) {
        const Oid element = element_of(type);
        if (element != oid::kUnspecified) return Inner::reads(element);
        return is_user_defined(type) && Inner::reads(type);
    }

    static void encode(const std::vector<T>& values, Buffer& out) {
        static_assert(kOid != oid::kUnspecified, "an array of optional ULIDs can be read, not sent");
        bool has_nulls = false;
        if constexpr (ElementOf<T>::kNullable) {
            for (const T& value : values) has_nulls = has_nulls || !value;
        }
        append_array_header(out, values.size(), has_nulls, kElementOid);
        for (const auto& value : values) encode_element(value, out);
    }

    static std::vector<T> decode(Oid, std::span<const std::byte> bytes) {
        ArrayReader reader(bytes);
        if (reader.size() > 0 && !reads_element(reader.element_type())) {
            throw BadValue("array of " + type_name(reader.element_type()));
        }
        std::vector<T> values;
        values.reserve(reader.size());
        for (std::size_t i = 0; i < reader.size(); ++i) {
            const auto element = reader.next();
            if (element) {
                values.push_back(Inner::decode(reader.element_type(), *element));
            } else if constexpr (ElementOf<T>::kNullable) {
                values.emplace_back();
            } else {
                throw BadValue("NULL as element " + std::to_string(i + 1) + " of an array without NULLs");
            }
        }
        return values;
    }

private:
    static void encode_element(const auto& value, Buffer& out) {
        const std::size_t start = out.size();
        if constexpr (ElementOf<T>::kNullable) {
            append_integer(out, std::int32_t{-1});
            if (!value) return;
            Inner::encode(*value, out);
        } else {
            append_integer(out, std::int32_t{0});
            Inner::encode(value, out);
        }
        patch_length(out, start);
    }
};

}  // namespace singularity::pgclient
