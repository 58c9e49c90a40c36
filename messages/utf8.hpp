// Whether bytes are text that a database in UTF-8 keeps (RFC 3629).
#pragma once

#include <string_view>

namespace singularity::messages {

enum class TextFault {
    none,
    nul,        // U+0000: UTF-8, but neither PostgreSQL's text nor its jsonb can hold it
    surrogate,  // U+D800 to U+DFFF, halves of UTF-16 pairs written as if they were characters
    not_utf8,
};

// The first fault.
TextFault fault_of(std::string_view text);

}  // namespace singularity::messages
