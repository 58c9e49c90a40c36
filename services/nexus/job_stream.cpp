#include "services/nexus/job_stream.hpp"

#include <sodium.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "core/format.hpp"
#include "http/event_stream.hpp"
#include "messages/utf8.hpp"

namespace singularity::services::nexus {

namespace {

constexpr std::size_t kMostAtOnce = 64 * 1024;
constexpr int kBase64 = sodium_base64_VARIANT_ORIGINAL;

std::string to_base64(std::string_view bytes) {
    std::string text(sodium_base64_ENCODED_LEN(bytes.size(), kBase64), '\0');
    sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                      bytes.size(), kBase64);
    text.pop_back();
    return text;
}

// How many bytes at the end are the beginning of a character that is not whole.
std::size_t begun_at_the_end(std::string_view bytes) {
    for (std::size_t back = 1; back <= std::min<std::size_t>(3, bytes.size()); ++back) {
        const auto byte = static_cast<unsigned char>(bytes[bytes.size() - back]);
        if ((byte & 0xC0) == 0x80) continue;
        const std::size_t needs = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
        return needs > back ? back : 0;
    }
    return 0;
}

}  // namespace

std::string JobPlace::text() const {
    return core::format("{}-{}-{}-{}", number, attempt, bytes[0], bytes[1]);
}

JobPlace JobPlace::parse(std::string_view text) {
    std::array<std::int64_t, 4> parts{};
    const char* at = text.data();
    const char* const end = text.data() + text.size();
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto read = std::from_chars(at, end, parts[i]);
        const bool is_last = i + 1 == parts.size();
        const bool fits = read.ec == std::errc{} && parts[i] >= 0 &&
                          (is_last ? read.ptr == end : read.ptr != end && *read.ptr == '-');
        if (!fits || (i == 1 && parts[i] > 1'000'000)) return {};
        at = read.ptr + 1;
    }
    return {parts[0], static_cast<std::int32_t>(parts[1]), {parts[2], parts[3]}};
}

std::string JobEvents::piece(const JobPiece& piece) {
    std::string events;
    place_.number = piece.number;
    if (piece.attempt > place_.attempt) {
        place_ = {.number = piece.number, .attempt = piece.attempt, .bytes = {}};
        const std::string data = boost::json::serialize(boost::json::object{{"attempt", piece.attempt}});
        events = http::to_text({.id = place_.text(), .name = "restart", .data = data});
    }
    const std::int64_t have = place_.bytes[piece.is_error ? 1 : 0];
    const std::string_view bytes(reinterpret_cast<const char*>(piece.bytes.data()), piece.bytes.size());
    if (piece.attempt < place_.attempt || piece.at_byte > have) return events;
    const auto known = std::min(static_cast<std::size_t>(have - piece.at_byte), bytes.size());
    return events + output(piece.is_error, bytes.substr(known), false);
}

std::string JobEvents::rest(bool is_error, std::string_view bytes, bool is_last) {
    return output(is_error, bytes, is_last);
}

// A character that has only begun waits for its end, unless it is all there is.
std::string JobEvents::output(bool is_error, std::string_view bytes, bool is_all) {
    std::string events;
    while (!bytes.empty()) {
        std::string_view part = bytes.substr(0, kMostAtOnce);
        const bool is_last = part.size() == bytes.size();
        if (!is_last || !is_all) part.remove_suffix(begun_at_the_end(part));
        if (part.empty()) break;
        std::int64_t& have = place_.bytes[is_error ? 1 : 0];
        boost::json::object data{
            {"stream", is_error ? "stderr" : "stdout"}, {"attempt", place_.attempt}, {"at", have}};
        if (messages::fault_of(part) == messages::TextFault::none) data["text"] = part;
        else data["base64"] = to_base64(part);
        have += static_cast<std::int64_t>(part.size());
        events +=
            http::to_text({.id = place_.text(), .name = "output", .data = boost::json::serialize(data)});
        bytes.remove_prefix(part.size());
    }
    return events;
}

}  // namespace singularity::services::nexus
