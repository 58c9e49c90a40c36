#include "core/awaitable_operators.hpp"

namespace singularity::core::awaitable_operators {

namespace asio_operators = boost::asio::experimental::awaitable_operators;
using boost::asio::awaitable;

awaitable<void> operator&&(awaitable<void> a, awaitable<void> b) {
    co_await asio_operators::operator&&(std::move(a), std::move(b));
}

awaitable<std::variant<std::monostate, std::monostate>> operator||(awaitable<void> a, awaitable<void> b) {
    co_return co_await asio_operators::operator||(std::move(a), std::move(b));
}

}  // namespace singularity::core::awaitable_operators
