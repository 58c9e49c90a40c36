#include "schema/resync.hpp"

#include <boost/asio.hpp>
#include <chrono>
#include <functional>

#include "core/format.hpp"
#include "core/log.hpp"

namespace singularity::schema {

namespace {

using pgclient::Connection;
using pgclient::Query;
using pgclient::Task;
using namespace std::chrono_literals;

constexpr auto kPatience = 60s;
constexpr auto kLook = 50ms;

struct Known {
    std::int64_t id;
    std::string address;
};

constexpr Query kSubscription{
    "resync.subscription",
    "select oid::bigint as id, subconninfo as address from pg_subscription where subname = $1::text"
    " and subdbid = (select oid from pg_database where datname = current_database())"};

// The subscription's own slot, and those with which its workers copied tables.
constexpr Query kBusySlots{"resync.busy_slots",
                           "select count(*) from pg_replication_slots where active"
                           " and (slot_name = $1::text::name or slot_name like $2::text)"};

constexpr Query kDropSlots{"resync.drop_slots",
                           "select pg_drop_replication_slot(slot_name) from pg_replication_slots"
                           " where slot_name = $1::text::name or slot_name like $2::text"};

constexpr Query kNotCopied{
    "resync.not_copied",
    "select count(*) from pg_subscription_rel r join pg_subscription u on u.oid = r.srsubid"
    " where u.subname = $1::text and r.srsubstate <> 'r'"};

Task<bool> until(std::function<Task<bool>()> holds) {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    boost::asio::steady_timer pause(co_await boost::asio::this_coro::executor);
    while (!co_await holds()) {
        if (std::chrono::steady_clock::now() > end) co_return false;
        pause.expires_after(kLook);
        co_await pause.async_wait(boost::asio::use_awaitable);
    }
    co_return true;
}

std::string replace_statements(const Subscription& subscription, const std::string& address) {
    return core::format("alter subscription {0} set (slot_name = none); drop subscription {0};",
                        subscription.name) +
           subscribe_statements(subscription, address);
}

}  // namespace

Task<core::Expected<void>> resync(Connection& publisher, Connection& subscriber,
                                  const Subscription& subscription) {
    const std::string& name = subscription.name;
    const auto known = co_await subscriber.maybe<Known>(kSubscription, name);
    if (!known) {
        co_return core::failure(core::ErrorCode::not_found,
                                core::format("there is no subscription {} in this database", name),
                                {"singularity down, then singularity up --detach makes it"});
    }
    const std::string copying = core::format("pg\\_{}\\_sync\\_%", known->id);
    co_await subscriber.script(core::format("alter subscription {} disable", name));
    const bool idle = co_await until([&]() -> Task<bool> {
        co_return co_await publisher.one<std::int64_t>(kBusySlots, name, copying) == 0;
    });
    if (!idle) {
        co_return core::failure(core::ErrorCode::timeout,
                                core::format("somebody still reads from slot {} after a minute", name),
                                {"the subscription is disabled: end its reader, then run this again"});
    }
    co_await publisher.exec(kDropSlots, name, copying);
    co_await ensure_slot(publisher, name);
    co_await subscriber.script(replace_statements(subscription, known->address));
    core::log::info("replication.resync", {{"subscription", name}});
    co_return core::Expected<void>();
}

Task<bool> wait_for_copy(Connection& subscriber, const Subscription& subscription) {
    co_return co_await until([&]() -> Task<bool> {
        co_return co_await subscriber.one<std::int64_t>(kNotCopied, subscription.name) == 0;
    });
}

}  // namespace singularity::schema
