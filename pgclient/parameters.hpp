// Arguments in the form that libpq sends them: pointers, lengths and formats beside each other.
#pragma once

#include "pgclient/arguments.hpp"
#include "pgclient/query.hpp"

#include <span>
#include <vector>

namespace singularity::pgclient {

// Reused from call to call, so that a query allocates nothing for them once they have grown.
class Parameters {
public:
    // `types` are the parameters' types as the server described them; `arguments` must live until the
    // query was sent. Throws DbError: 22021 for a text with a NUL character, which the protocol would cut,
    // 54000 for a value above PostgreSQL's 1 GB.
    void assign(Query query, const Arguments& arguments, std::span<const Oid> types);

    int size() const { return static_cast<int>(values_.size()); }
    const char* const* values() const { return values_.data(); }
    const int* lengths() const { return lengths_.data(); }
    const int* formats() const { return formats_.data(); }

private:
    void push_null();
    void push(std::span<const std::byte> bytes, bool binary);
    void push_ulid(std::span<const std::byte> bytes, Oid type);
    void push_ulid_array(std::span<const std::byte> bytes, Oid type);

    std::vector<const char*> values_;
    std::vector<int> lengths_;
    std::vector<int> formats_;
    std::vector<Buffer> reshaped_;  // what had to be written anew; terminated where it is text
};

}  // namespace singularity::pgclient
