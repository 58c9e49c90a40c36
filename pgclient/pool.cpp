#include "pgclient/pool.hpp"

#include "pgclient/pool_state.hpp"

#include <utility>

namespace singularity::pgclient {

Lease::Lease(std::shared_ptr<PoolState> pool, std::size_t slot, Connection& connection)
    : pool_(std::move(pool)), slot_(slot), connection_(&connection) {}

Lease::Lease(Lease&& other) noexcept
    : pool_(std::move(other.pool_)),
      slot_(other.slot_),
      connection_(std::exchange(other.connection_, nullptr)) {}

Lease& Lease::operator=(Lease&& other) noexcept {
    std::swap(pool_, other.pool_);
    std::swap(slot_, other.slot_);
    std::swap(connection_, other.connection_);
    return *this;
}

Lease::~Lease() {
    if (connection_) pool_->give_back(slot_);
}

Pool::Pool(boost::asio::any_io_executor executor, PoolOptions options)
    : state_(std::make_shared<PoolState>(std::move(executor), std::move(options))) {}

Pool::~Pool() {
    state_->close();
}

Task<Lease> Pool::acquire() {
    return PoolState::acquire(state_);
}

PoolStatus Pool::status() const {
    return state_->status();
}

}  // namespace singularity::pgclient
