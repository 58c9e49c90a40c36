#include "services/runtime/delivery.hpp"

#include <boost/asio.hpp>

#include "messages/publishing.hpp"

namespace singularity::services {

namespace {

constexpr pgclient::Query kEnter{"delivery.enter",
                                 "insert into public.inbox (queue, request_id) values ($1, $2)"
                                 " on conflict do nothing"};

}  // namespace

Delivery::Delivery(const std::string& queue, const Claim& claim, boost::json::object body,
                   pgclient::Pool& own)
    : queue_(queue),
      claim_(claim),
      body_(std::move(body)),
      request_id_(messages::request_id_of(body_)),
      own_(own) {}

pgclient::Task<pgclient::Connection*> Delivery::transaction() {
    if (!transaction_) {
        lease_.emplace(co_await own_.acquire());
        transaction_.emplace(co_await (*lease_)->begin());
        if (co_await (*lease_)->exec(kEnter, queue_, request_id_) == 0) throw AlreadyDone();
    }
    co_return &**lease_;
}

}  // namespace singularity::services
