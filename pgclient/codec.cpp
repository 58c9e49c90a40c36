#include "pgclient/codec.hpp"

#include "pgclient/codec_ulid.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <limits>

namespace singularity::pgclient {

namespace {

using std::chrono::microseconds;

// Timestamps count from 2000-01-01 on the wire.
constexpr microseconds kPostgresEpoch =
    std::chrono::sys_days{std::chrono::year{2000} / 1 / 1}.time_since_epoch();

constexpr std::byte kJsonbVersion{1};

// boost::json refuses deeper ones by default at 32; the server itself stops at its stack depth.
constexpr std::size_t kMaxJsonDepth = 1'000;

}  // namespace

Uuid Codec<Uuid>::decode(Oid, std::span<const std::byte> bytes) {
    Uuid uuid;
    std::ranges::copy(expect_size(bytes, 16), std::as_writable_bytes(std::span(uuid.bytes)).begin());
    return uuid;
}

void Codec<Timestamp>::encode(Timestamp value, Buffer& out) {
    std::int64_t wire = 0;
    if (value == Timestamp::max()) {
        wire = std::numeric_limits<std::int64_t>::max();
    } else if (value < Timestamp::min() + kPostgresEpoch) {
        wire = std::numeric_limits<std::int64_t>::min();
    } else {
        wire = (value.time_since_epoch() - kPostgresEpoch).count();
    }
    append_integer(out, wire);
}

Timestamp Codec<Timestamp>::decode(Oid, std::span<const std::byte> bytes) {
    const auto wire = read_integer<std::int64_t>(bytes);
    if (wire == std::numeric_limits<std::int64_t>::max()) return Timestamp::max();
    if (wire == std::numeric_limits<std::int64_t>::min()) return Timestamp::min();
    if (wire > (microseconds::max() - kPostgresEpoch).count())
        throw BadValue("a time beyond the year 294246");
    return Timestamp{microseconds{wire} + kPostgresEpoch};
}

void Codec<boost::json::value>::encode(const boost::json::value& value, Buffer& out) {
    out.push_back(kJsonbVersion);
    append_text(out, boost::json::serialize(value));
}

boost::json::value Codec<boost::json::value>::decode(Oid type, std::span<const std::byte> bytes) {
    if (type == oid::kJsonb) {
        if (bytes.empty() || bytes[0] != kJsonbVersion) throw BadValue("jsonb in an unknown version");
        bytes = bytes.subspan(1);
    }
    boost::json::parse_options options;
    options.max_depth = kMaxJsonDepth;
    boost::system::error_code error;
    auto value = boost::json::parse(as_text(bytes), error, {}, options);
    if (error) throw BadValue("JSON that can't be read: " + error.message());
    return value;
}

algo::Ulid Codec<algo::Ulid>::decode(Oid type, std::span<const std::byte> bytes) {
    if (type == oid::kText) {
        const auto parsed = algo::Ulid::parse(as_text(bytes));
        if (!parsed) throw BadValue("text that is no ULID");
        return *parsed;
    }
    algo::Ulid ulid;
    std::ranges::copy(expect_size(bytes, 16), std::as_writable_bytes(std::span(ulid.bytes)).begin());
    return ulid;
}

}  // namespace singularity::pgclient
