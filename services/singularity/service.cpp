#include "services/singularity/service.hpp"

#include <boost/asio.hpp>

#include "core/awaitable_operators.hpp"
#include "core/log.hpp"
#include "core/notify.hpp"
#include "services/runtime/await_queues.hpp"
#include "services/runtime/relay.hpp"
#include "services/singularity/answers.hpp"
#include "services/singularity/pattern_sync.hpp"
#include "services/singularity/shared_queue_consumer.hpp"

namespace singularity::services::instance {

namespace asio = boost::asio;
using namespace core::awaitable_operators;

namespace {

asio::awaitable<void> serve(Service& service) {
    if (!service.config().shared_queue_enabled) {
        core::notify_ready();
        co_return co_await service.stay_off_the_bus();
    }
    pgclient::Pool own(service.executor(), service.pool_options("singularity"));
    pgclient::Pool shared(service.executor(), service.pool_options("shared_queue", "singularity"));
    co_await await_queues(shared, answer_queues());
    core::notify_ready();
    const pgclient::ConnectOptions own_connect = service.connect_options("singularity");
    const Bus local{own, own_connect, own};
    const Bus bus{shared, service.connect_options("shared_queue", "singularity"), own};
    const auto outbox = make_relay(service, local, shared, {});
    const auto patterns = make_relay(service, local, shared, kPatternRoute, note_sent_patterns(own));
    Answers answers(service, own, own_connect);
    SharedQueueConsumer consumer(service, bus, answers);
    co_await (outbox->run() && patterns->run() && answers.run() && consumer.run());
}

}  // namespace

int run(const core::Config& config) {
    return run_service(config, "singularity", serve);
}

}  // namespace singularity::services::instance
