#include "services/runtime/same_log.hpp"

#include <boost/asio.hpp>

namespace singularity::services {

namespace {

// Replicas have their primary's identifier, and its log.
constexpr pgclient::Query kCluster{"same_log.cluster", "select system_identifier from pg_control_system()"};

pgclient::Task<std::int64_t> cluster_of(pgclient::Pool& pool) {
    const auto session = co_await pool.acquire();
    co_return co_await session->one<std::int64_t>(kCluster);
}

}  // namespace

pgclient::Task<bool> SameLog::known() {
    if (!known_) {
        const auto first = co_await cluster_of(first_);
        known_ = first == co_await cluster_of(second_);
    }
    co_return *known_;
}

}  // namespace singularity::services
