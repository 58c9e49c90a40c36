// Look-ups in and stores to maps, in the forms that each language has for them.
#pragma once

#include <string_view>
#include <vector>

#include "analysis/syntax/function.hpp"

namespace singularity::analysis {

struct MapAccess {
    NodeId node = kNoNode;  // the expression that reads or writes
    NodeId map = kNoNode;
    NodeId key = kNoNode;
    NodeId value = kNoNode;  // of a store; kNoNode when it is made in place
    std::string_view form =
        {};  // "membership", "get", "subscript", "find" / "subscript", "emplace", "insert"
};

std::vector<MapAccess> lookups(const Function& function);
std::vector<MapAccess> stores(const Function& function);

// `m[k]`, in either language.
NodeId map_of(const Code& code, NodeId subscript);
NodeId key_of(const Code& code, NodeId subscript);

bool same_entry(const Code& code, const MapAccess& left, const MapAccess& right);

// The plain names that an expression's value is bound to: a and b of `a = b = x`, v of `auto v = x`.
std::vector<std::string_view> names_bound_to(const Code& code, NodeId expression);

}  // namespace singularity::analysis
