// The pieces that PostgreSQL's binary formats are made of: big-endian integers and runs of bytes.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace singularity::pgclient {

using Buffer = std::vector<std::byte>;

// A value that doesn't have the form its type says. Rows and arguments turn it into a DbError that
// names the query and the column or parameter.
struct BadValue : std::runtime_error {
    using std::runtime_error::runtime_error;
};

inline void append_bytes(Buffer& out, std::span<const std::byte> bytes) {
    out.insert(out.end(), bytes.begin(), bytes.end());
}

inline void append_text(Buffer& out, std::string_view text) {
    append_bytes(out, std::as_bytes(std::span(text)));
}

template <std::integral T>
T to_big_endian(T value) {
    return std::endian::native == std::endian::big ? value : std::byteswap(value);
}

template <std::integral T>
void append_integer(Buffer& out, T value) {
    const T big = to_big_endian(value);
    append_bytes(out, std::as_bytes(std::span(&big, 1)));
}

inline std::span<const std::byte> expect_size(std::span<const std::byte> bytes, std::size_t size) {
    if (bytes.size() != size) {
        throw BadValue("expected " + std::to_string(size) + " bytes, got " + std::to_string(bytes.size()));
    }
    return bytes;
}

template <std::integral T>
T read_integer(std::span<const std::byte> bytes) {
    T big;
    std::memcpy(&big, expect_size(bytes, sizeof(T)).data(), sizeof(T));
    return to_big_endian(big);
}

inline std::string_view as_text(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace singularity::pgclient
