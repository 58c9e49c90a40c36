#include "messages/blob_references.hpp"

#include <sodium/crypto_hash_sha256.h>
#include <sodium/utils.h>

#include <algorithm>
#include <array>
#include <boost/json/value.hpp>
#include <limits>
#include <unordered_set>

#include "core/format.hpp"
#include "messages/body_check.hpp"
#include "messages/json_path.hpp"
#include "messages/utf8.hpp"

namespace singularity::messages {

namespace {

namespace json = boost::json;

constexpr std::string_view kBlob = "$blob", kBytes = "bytes";
constexpr std::size_t kUnbounded = std::numeric_limits<std::size_t>::max();
constexpr std::size_t kHashDigits = 2 * crypto_hash_sha256_BYTES;

std::string hash_of(std::string_view bytes) {
    std::array<unsigned char, crypto_hash_sha256_BYTES> digest;
    crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    std::array<char, kHashDigits + 1> digits;
    sodium_bin2hex(digits.data(), digits.size(), digest.data(), digest.size());
    return std::string(digits.data(), kHashDigits);
}

json::object reference_to(const Blob& blob) {
    return {{kBlob, blob.hash}, {kBytes, blob.bytes.size()}};
}

void collect_strings(json::value& value, std::vector<json::value*>& found) {
    if (value.is_string()) {
        if (value.get_string().size() >= kLeastBlobBytes) found.push_back(&value);
    } else if (value.is_array()) {
        for (json::value& element : value.get_array()) collect_strings(element, found);
    } else if (value.is_object()) {
        for (auto& member : value.get_object()) collect_strings(member.value(), found);
    }
}

// In the order of the document, until `visit(reference, value, path)` returns false. A document that is
// itself a reference has none in it.
template <typename Value, typename Visit>
bool for_each_reference(Value& value, const JsonPath& path, const Visit& visit);

template <typename Object, typename Visit>
bool for_each_reference_in(Object& object, const JsonPath& path, const Visit& visit) {
    for (auto&& member : object) {
        if (!for_each_reference(member.value(), JsonPath(path, member.key()), visit)) return false;
    }
    return true;
}

template <typename Value, typename Visit>
bool for_each_reference(Value& value, const JsonPath& path, const Visit& visit) {
    if (auto* array = value.if_array()) {
        for (std::size_t i = 0; i < array->size(); ++i) {
            if (!for_each_reference((*array)[i], JsonPath(path, i), visit)) return false;
        }
    } else if (auto* object = value.if_object()) {
        if (const auto reference = reference_of(*object)) return visit(*reference, value, path);
        return for_each_reference_in(*object, path, visit);
    }
    return true;
}

// What is wrong with what was found for a reference.
std::optional<std::string> fault_of_blob(const BlobReference& reference,
                                         const std::optional<std::string>& bytes) {
    if (!bytes) return core::format("blob {} is not there", reference.hash);
    if (bytes->size() != reference.bytes || hash_of(*bytes) != reference.hash) {
        return core::format("blob {} has other bytes than its hash and length say", reference.hash);
    }
    if (fault_of(*bytes) != TextFault::none) return core::format("blob {} is no text", reference.hash);
    return std::nullopt;
}

}  // namespace

std::optional<BlobReference> reference_of(const json::object& object) {
    if (object.size() != 2) return std::nullopt;
    const json::value* hash = object.if_contains(kBlob);
    const json::value* bytes = object.if_contains(kBytes);
    if (!hash || !bytes || !hash->is_string() || hash->get_string().size() != kHashDigits)
        return std::nullopt;
    const std::string_view digits = hash->get_string();
    if (digits.find_first_not_of("0123456789abcdef") != std::string_view::npos) return std::nullopt;
    boost::system::error_code no_number;
    const auto length = bytes->to_number<std::uint64_t>(no_number);
    if (no_number) return std::nullopt;
    return BlobReference{std::string(digits), length};
}

std::vector<Blob> externalise(json::object& body) {
    std::size_t size = serialized_size(body, kUnbounded);
    if (size <= kInlineBytes) return {};
    std::vector<json::value*> strings;
    for (auto& member : body) collect_strings(member.value(), strings);
    std::ranges::stable_sort(strings, std::greater{},
                             [](const json::value* string) { return string->get_string().size(); });
    std::vector<Blob> blobs;
    std::unordered_set<std::string> known;
    for (json::value* string : strings) {
        if (size <= kInlineBytes) break;
        Blob blob{hash_of(string->get_string()), std::string(string->get_string())};
        size -= serialized_size(*string, kUnbounded);
        *string = reference_to(blob);
        size += serialized_size(*string, kUnbounded);
        if (known.insert(blob.hash).second) blobs.push_back(std::move(blob));
    }
    return blobs;
}

std::vector<BlobReference> references(const json::object& body) {
    std::vector<BlobReference> found;
    std::unordered_set<std::string> known;
    for_each_reference_in(body, JsonPath(),
                          [&](const BlobReference& reference, const json::value&, const JsonPath&) {
                              if (known.insert(reference.hash).second) found.push_back(reference);
                              return true;
                          });
    return found;
}

core::Expected<void> internalise(json::object& body, const BlobLookup& lookup) {
    std::string problem;
    std::uint64_t size = 0;
    for_each_reference_in(
        body, JsonPath(), [&](const BlobReference& reference, json::value& at, const JsonPath& path) {
            size += std::min<std::uint64_t>(reference.bytes, kMaxBodyBytes + 1);
            const std::string where = path.text();
            if (size > kMaxBodyBytes) {
                problem =
                    core::format("{}: with it, blobs are longer than {} MB", where, kMaxBodyBytes >> 20);
                return false;
            }
            const std::optional<std::string> bytes = lookup(reference.hash);
            if (const auto fault = fault_of_blob(reference, bytes)) {
                problem = core::format("{}: {}", where, *fault);
                return false;
            }
            at = *bytes;
            return true;
        });
    if (problem.empty()) return {};
    return core::failure(core::ErrorCode::invalid_input,
                         "the message refers to a blob that can't be put in its place", {std::move(problem)});
}

}  // namespace singularity::messages
