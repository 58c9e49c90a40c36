// Asio's && and || for awaitables, of which those that return nothing are compiled once: each use of the
// templates compiles the spawning of both sides anew.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include <variant>

namespace singularity::core::awaitable_operators {

using boost::asio::experimental::awaitable_operators::operator&&;
using boost::asio::experimental::awaitable_operators::operator||;

// Ends when both have ended. What one throws cancels the other, and is thrown.
boost::asio::awaitable<void> operator&&(boost::asio::awaitable<void> a, boost::asio::awaitable<void> b);
// Ends when one has ended, and cancels the other. Tells which it was.
boost::asio::awaitable<std::variant<std::monostate, std::monostate>> operator||(
    boost::asio::awaitable<void> a, boost::asio::awaitable<void> b);

}  // namespace singularity::core::awaitable_operators
