// ULIDs (github.com/ulid/spec): 16 bytes that sort by the time they were made.
//
//     bytes 0–5    milliseconds since 1970, unsigned, big-endian
//     bytes 6–15   randomness, or a counter and randomness (algo/ulid_sequence.hpp)
//
// Byte order is time order, so comparing is memcmp, and the layout is uuid's: the same sixteen bytes
// may be read as either. The text form is 26 digits of Crockford's Base 32, upper case, five bits
// each from the left, the first digit 0 to 7. Any sixteen bytes are a ULID; not any 26 digits are.
//
// Nothing here allocates, throws, reads a clock or draws randomness: it serves the services and the
// server extension alike.
#pragma once

#include <array>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string_view>

namespace singularity::algo {

inline constexpr std::size_t kUlidTextLength = 26;
inline constexpr std::uint64_t kUlidMaxMilliseconds = (std::uint64_t{1} << 48) - 1;

// Not terminated; std::string_view(ulid.text()) reads it.
using UlidText = std::array<char, kUlidTextLength>;

enum class UlidFault {
    wrong_length,   // not 26 characters
    bad_character,  // not one of Crockford's 32 digits; I, L, O and U are not
    out_of_range,   // the first digit is above 7: more than 128 bits
};

struct UlidError {
    UlidFault fault;
    std::size_t position;  // byte offset of the character at fault; 0 for a wrong length

    friend constexpr bool operator==(const UlidError&, const UlidError&) = default;
};

struct Ulid {
    std::array<std::uint8_t, 16> bytes{};

    friend constexpr auto operator<=>(const Ulid&, const Ulid&) = default;

    // The digits in either case, nothing else around or between them.
    static constexpr std::expected<Ulid, UlidError> parse(std::string_view text);

    // For what a person typed: reads I and L as 1, O as 0, and skips hyphens, as Crockford advises.
    static constexpr std::expected<Ulid, UlidError> parse_lenient(std::string_view text);

    // `milliseconds` since 1970, at most kUlidMaxMilliseconds.
    static constexpr Ulid from_parts(std::uint64_t milliseconds,
                                     std::span<const std::uint8_t, 10> randomness);

    // The lowest ULID of its millisecond: where a range of time begins.
    static constexpr Ulid lowest_of(std::uint64_t milliseconds);

    constexpr UlidText text() const;
    constexpr std::uint64_t milliseconds() const;
    constexpr std::chrono::sys_time<std::chrono::milliseconds> timestamp() const;
};

namespace ulid_detail {

inline constexpr std::string_view kDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
inline constexpr std::uint8_t kNoDigit = 0xff;

using DigitTable = std::array<std::uint8_t, 256>;

constexpr DigitTable digit_table() {
    DigitTable table;
    table.fill(kNoDigit);
    for (std::size_t value = 0; value < kDigits.size(); ++value) {
        const char digit = kDigits[value];
        table[static_cast<std::uint8_t>(digit)] = static_cast<std::uint8_t>(value);
        if (digit >= 'A')
            table[static_cast<std::uint8_t>(digit - 'A' + 'a')] = static_cast<std::uint8_t>(value);
    }
    return table;
}

constexpr DigitTable lenient_digit_table() {
    DigitTable table = digit_table();
    for (const char alias : std::string_view("IiLl")) table[static_cast<std::uint8_t>(alias)] = 1;
    for (const char alias : std::string_view("Oo")) table[static_cast<std::uint8_t>(alias)] = 0;
    return table;
}

inline constexpr DigitTable kDigitTable = digit_table();
inline constexpr DigitTable kLenientDigitTable = lenient_digit_table();

// The 26 digits are three big-endian numbers: 10 digits of time (50 bits, of which 48 may be set),
// then twice 8 digits for 5 bytes of randomness each.
struct Part {
    std::size_t first_byte, bytes, first_digit, digits;
};
inline constexpr std::array<Part, 3> kParts{{{0, 6, 0, 10}, {6, 5, 10, 8}, {11, 5, 18, 8}}};

constexpr std::uint64_t read_bytes(const Ulid& ulid, const Part& part) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < part.bytes; ++i) value = value << 8 | ulid.bytes[part.first_byte + i];
    return value;
}

constexpr void write_bytes(Ulid& ulid, const Part& part, std::uint64_t value) {
    for (std::size_t i = part.bytes; i-- > 0; value >>= 8) {
        ulid.bytes[part.first_byte + i] = static_cast<std::uint8_t>(value);
    }
}

constexpr std::expected<Ulid, UlidError> parse_digits(std::string_view text, const DigitTable& table) {
    if (text.size() != kUlidTextLength) return std::unexpected(UlidError{UlidFault::wrong_length, 0});
    Ulid ulid;
    for (const Part& part : kParts) {
        std::uint64_t value = 0;
        for (std::size_t i = part.first_digit; i < part.first_digit + part.digits; ++i) {
            const std::uint8_t digit = table[static_cast<std::uint8_t>(text[i])];
            if (digit == kNoDigit) return std::unexpected(UlidError{UlidFault::bad_character, i});
            value = value << 5 | digit;
        }
        write_bytes(ulid, part, value);
    }
    if (table[static_cast<std::uint8_t>(text[0])] > 7) {
        return std::unexpected(UlidError{UlidFault::out_of_range, 0});
    }
    return ulid;
}

}  // namespace ulid_detail

constexpr std::expected<Ulid, UlidError> Ulid::parse(std::string_view text) {
    return ulid_detail::parse_digits(text, ulid_detail::kDigitTable);
}

constexpr std::expected<Ulid, UlidError> Ulid::parse_lenient(std::string_view text) {
    std::array<char, kUlidTextLength> kept{};
    std::array<std::size_t, kUlidTextLength> position{};
    std::size_t length = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '-') continue;
        if (length == kUlidTextLength) return std::unexpected(UlidError{UlidFault::wrong_length, 0});
        kept[length] = text[i];
        position[length++] = i;
    }
    auto parsed =
        ulid_detail::parse_digits(std::string_view(kept.data(), length), ulid_detail::kLenientDigitTable);
    if (!parsed && parsed.error().fault != UlidFault::wrong_length) {
        parsed.error().position = position[parsed.error().position];
    }
    return parsed;
}

constexpr Ulid Ulid::from_parts(std::uint64_t milliseconds, std::span<const std::uint8_t, 10> randomness) {
    Ulid ulid = lowest_of(milliseconds);
    for (std::size_t i = 0; i < randomness.size(); ++i) ulid.bytes[6 + i] = randomness[i];
    return ulid;
}

constexpr Ulid Ulid::lowest_of(std::uint64_t milliseconds) {
    Ulid ulid;
    ulid_detail::write_bytes(ulid, ulid_detail::kParts[0], milliseconds);
    return ulid;
}

constexpr UlidText Ulid::text() const {
    UlidText text{};
    for (const ulid_detail::Part& part : ulid_detail::kParts) {
        std::uint64_t value = ulid_detail::read_bytes(*this, part);
        for (std::size_t i = part.first_digit + part.digits; i-- > part.first_digit; value >>= 5) {
            text[i] = ulid_detail::kDigits[value & 31];
        }
    }
    return text;
}

constexpr std::uint64_t Ulid::milliseconds() const {
    return ulid_detail::read_bytes(*this, ulid_detail::kParts[0]);
}

constexpr std::chrono::sys_time<std::chrono::milliseconds> Ulid::timestamp() const {
    return std::chrono::sys_time<std::chrono::milliseconds>(
        std::chrono::milliseconds(static_cast<std::int64_t>(milliseconds())));
}

}  // namespace singularity::algo
