// A statement as the client names it. Names are constants of the program: they appear in errors, in
// pg_prepared_statements, and are what a connection prepares once and then reuses.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <string_view>

namespace singularity::pgclient {

template <class T>
using Task = boost::asio::awaitable<T>;

// Both views must outlive every connection that runs the query: use string literals.
struct Query {
    std::string_view name;  // at most 63 bytes, one meaning in the whole program
    std::string_view sql;   // one statement with $1, $2, …
};

}  // namespace singularity::pgclient
