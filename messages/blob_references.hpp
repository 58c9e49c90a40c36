// Long strings of a message travel beside it: a blob, a row that is known by the SHA-256 of its bytes, and in
// the string's place a reference
//
//     {"$blob": "<64 hexadecimal digits>", "bytes": 1234567}
//
// A sender externalises the completed body, stores the blobs and sends the rest; a reader fetches what
// references() names, internalises, and only then validates: schemas speak of whole bodies.
#pragma once

#include <boost/json/object.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"

namespace singularity::messages {

inline constexpr std::size_t kInlineBytes = 64 * 1024;  // a body of up to this length travels whole
inline constexpr std::size_t kLeastBlobBytes = 1024;    // shorter strings stay where they are

struct Blob {
    std::string hash;  // SHA-256, 64 lower-case hexadecimal digits
    std::string bytes;
};

struct BlobReference {
    std::string hash;
    std::uint64_t bytes = 0;
};

// Where the body as JSON is longer than kInlineBytes, replaces its longest strings, of equal ones the first,
// until it no longer is or only short ones are left. The same body gives the same references. Returns each
// blob once.
std::vector<Blob> externalise(boost::json::object& body);

// The reference that an object is: these two members, no others.
std::optional<BlobReference> reference_of(const boost::json::object& object);

// Every blob that a body refers to, once, in the order of the document.
std::vector<BlobReference> references(const boost::json::object& body);

// The bytes of a blob by its hash; none where it is not there.
using BlobLookup = std::function<std::optional<std::string>(const std::string& hash)>;

// Puts the strings back. invalid_input with the path of a reference whose blob is missing, has other bytes
// than its hash says, or is no text, and where the blobs are longer than a message may be; the body is then
// changed in part.
core::Expected<void> internalise(boost::json::object& body, const BlobLookup& lookup);

}  // namespace singularity::messages
