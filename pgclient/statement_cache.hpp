// What one connection has prepared: for each query's name and declared parameter types, the statement's
// name on the server and how the server described it.
#pragma once

#include "pgclient/arguments.hpp"
#include "pgclient/query.hpp"
#include "pgclient/result.hpp"
#include "pgclient/row.hpp"

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace singularity::pgclient {

struct Statement {
    std::string name;  // the query's
    std::string server_name;
    std::string sql;
    std::vector<Oid> declared;             // as sent with the query; unspecified ones are inferred
    std::vector<Oid> parameters;           // as the server sees them
    Result description;                    // the columns
    const ColumnShape* checked = nullptr;  // the row type that was found to fit, last
};

class StatementCache {
public:
    // Null if it isn't prepared. Throws DbError (misuse) where the name stands for another SQL text, is
    // empty, or is longer than the 63 bytes that the server tells apart.
    Statement* find(Query query, const Arguments& arguments);

    // The statement to prepare, not in the cache yet. One query may be called with different C++ types:
    // each set of types is a statement of its own on the server. A name once planned isn't planned again,
    // as the server may know it even if its answer never came.
    Statement plan(Query query, const Arguments& arguments);
    Statement& add(Query query, Statement statement);

    // After the server said that it can't use the statement any more. It is prepared anew, under a new name.
    void forget(Query query);

private:
    // Names are short and differ at one of their ends.
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view name) const;
    };
    // Pointers, for addresses that stay while others are added.
    using Variants = std::vector<std::unique_ptr<Statement>>;

    std::unordered_map<std::string, Variants, Hash, std::equal_to<>> statements_;
    Statement* last_found_ = nullptr;  // a loop asks for the same one
    std::size_t prepared_ = 0;
};

}  // namespace singularity::pgclient
