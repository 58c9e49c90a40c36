#include "pgclient/codec_array.hpp"

#include "pgclient/codec_ulid.hpp"

namespace singularity::pgclient {

namespace {

constexpr std::int32_t kFirstSubscript = 1;

}  // namespace

ArrayReader::ArrayReader(std::span<const std::byte> bytes) : rest_(bytes) {
    const auto dimensions = read_integer<std::int32_t>(take(4));
    take(4);  // has-nulls: each element says it again
    element_type_ = static_cast<Oid>(read_integer<std::int32_t>(take(4)));
    if (dimensions == 0) return;
    if (dimensions != 1)
        throw BadValue("array of " + std::to_string(dimensions) + " dimensions, expected one");
    const auto size = read_integer<std::int32_t>(take(4));
    take(4);  // lower bound
    // Each element takes at least its length: a size beyond that is not believed.
    if (size < 0 || static_cast<std::size_t>(size) > rest_.size() / 4)
        throw BadValue("array of impossible size");
    size_ = static_cast<std::size_t>(size);
}

std::optional<std::span<const std::byte>> ArrayReader::next() {
    const auto length = read_integer<std::int32_t>(take(4));
    if (length < 0) return std::nullopt;
    return take(static_cast<std::size_t>(length));
}

std::span<const std::byte> ArrayReader::take(std::size_t count) {
    if (count > rest_.size()) throw BadValue("array that ends too early");
    const auto taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
}

void append_array_header(Buffer& out, std::size_t size, bool has_nulls, Oid element_type) {
    append_integer(out, std::int32_t{size == 0 ? 0 : 1});
    append_integer(out, std::int32_t{has_nulls});
    append_integer(out, static_cast<std::int32_t>(element_type));
    if (size == 0) return;
    append_integer(out, static_cast<std::int32_t>(size));
    append_integer(out, kFirstSubscript);
}

void patch_length(Buffer& out, std::size_t start) {
    const std::size_t length = out.size() - start - sizeof(std::int32_t);
    const auto big = to_big_endian(static_cast<std::int32_t>(length));
    std::memcpy(out.data() + start, &big, sizeof big);
}

bool Codec<std::vector<algo::Ulid>>::reads(Oid type) {
    return is_user_defined(type) || type == oid::kUuidArray || type == oid::kTextArray;
}

void Codec<std::vector<algo::Ulid>>::encode(const std::vector<algo::Ulid>& values, Buffer& out) {
    for (const algo::Ulid& value : values) Codec<algo::Ulid>::encode(value, out);
}

std::vector<algo::Ulid> Codec<std::vector<algo::Ulid>>::decode(Oid, std::span<const std::byte> bytes) {
    ArrayReader reader(bytes);
    std::vector<algo::Ulid> values;
    values.reserve(reader.size());
    for (std::size_t i = 0; i < reader.size(); ++i) {
        const auto element = reader.next();
        if (!element) throw BadValue("NULL in an array of ULIDs");
        values.push_back(Codec<algo::Ulid>::decode(reader.element_type(), *element));
    }
    return values;
}

}  // namespace singularity::pgclient
