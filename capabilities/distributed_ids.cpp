#include "capabilities/distributed_ids.hpp"

#include <algorithm>
#include <string>

#include "core/format.hpp"
#include "pgclient/connection.hpp"

namespace singularity::capabilities::distributed_ids {

namespace {

constexpr pgclient::Query kOrdered{"distributed_ids.ordered", "select gen_monotonic_ulid()"};
constexpr pgclient::Query kTrace{"distributed_ids.trace", "select gen_ulid()"};
constexpr pgclient::Query kBatch{"distributed_ids.batch", "select id from gen_ulids($1) as id"};

// What a message can show of any input: its beginning, one line.
std::string shown(std::string_view text) {
    constexpr std::size_t kLongest = 60;
    std::string result(text.substr(0, kLongest));
    std::ranges::replace_if(result, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
    return text.size() > kLongest ? result + "…" : result;
}

std::ptrdiff_t characters(std::string_view text) {
    return std::ranges::count_if(text, [](unsigned char c) { return (c & 0xc0) != 0x80; });
}

std::string reason(const algo::UlidError& error, std::string_view text) {
    switch (error.fault) {
        case algo::UlidFault::wrong_length:
            return core::format("it has {} characters, a ULID has {}", characters(text),
                                algo::kUlidTextLength);
        case algo::UlidFault::bad_character:
            return core::format(
                "character {} is not one of Crockford's 32 digits, 0 to 9 and A to Z without I, L, O, U",
                error.position + 1);
        case algo::UlidFault::out_of_range: break;
    }
    return "its first digit is above 7, which makes it longer than 128 bits";
}

}  // namespace

pgclient::Task<algo::Ulid> generate_batch_id(pgclient::Connection& connection) {
    return connection.one<algo::Ulid>(kOrdered);
}

pgclient::Task<algo::Ulid> generate_correlation_id(pgclient::Connection& connection) {
    return connection.one<algo::Ulid>(kOrdered);
}

pgclient::Task<algo::Ulid> generate_trace_id(pgclient::Connection& connection) {
    return connection.one<algo::Ulid>(kTrace);
}

pgclient::Task<std::vector<algo::Ulid>> generate_batch(pgclient::Connection& connection, std::int64_t count) {
    return connection.rows<algo::Ulid>(kBatch, count);
}

core::Expected<algo::Ulid> parse(std::string_view text) {
    const auto parsed = algo::Ulid::parse(text);
    if (parsed) return *parsed;
    return core::failure(core::ErrorCode::invalid_input,
                         core::format("\"{}\" is not a ULID: {}", shown(text), reason(parsed.error(), text)));
}

core::Expected<std::int64_t> ulid_timestamp(std::string_view text) {
    return parse(text).transform(
        [](const algo::Ulid& ulid) { return static_cast<std::int64_t>(ulid.milliseconds()); });
}

double age_seconds(const algo::Ulid& ulid, core::Timestamp now) {
    return std::chrono::duration<double>(now - ulid.timestamp()).count();
}

bool recent(const algo::Ulid& ulid, std::chrono::seconds seconds, core::Timestamp now) {
    return now - ulid.timestamp() <= seconds;
}

}  // namespace singularity::capabilities::distributed_ids
