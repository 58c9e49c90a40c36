// A service with one handler: it answers every question that agents ask people.
//
//     SINGULARITY_HOME=… build/bin/answering_service
//
// It logs in as Nexus, which reads question_requests and whose outbox its relay carries to
// question_responses.
#include <boost/asio.hpp>

#include <cstdio>

#include "core/awaitable_operators.hpp"
#include "core/config.hpp"
#include "core/log.hpp"
#include "core/notify.hpp"
#include "messages/question.hpp"
#include "services/runtime/consumer.hpp"
#include "services/runtime/relay.hpp"

namespace {

using namespace singularity::services;
using namespace singularity::core::awaitable_operators;
using singularity::messages::QuestionRequest;
using singularity::messages::QuestionResponse;
using singularity::pgclient::Pool;
using singularity::pgclient::Task;

Task<QuestionResponse> answer(const QuestionRequest& request, Delivery&) {
    QuestionResponse response;
    response.id = request.id;
    response.response = "It depends.";
    co_return response;
}

Task<void> serve(Service& service) {
    Pool own(service.executor(), service.pool_options("nexus"));
    Pool shared(service.executor(), service.pool_options("shared_queue", "nexus"));
    const Bus bus{shared, service.connect_options("shared_queue", "nexus"), own};
    Consumer questions(service, bus, consumer_options(service.config(), "question_requests"),
                       handler<QuestionRequest>(answer));
    const auto relay = make_relay(service, {own, service.connect_options("nexus"), own}, shared, {});
    singularity::core::notify_ready();
    co_await (questions.run() && relay->run());
}

}  // namespace

int main() {
    namespace log = singularity::core::log;
    log::configure(log::Level::info, log::Format::automatic, "answering_service");
    const auto config = singularity::core::load_config(
        {.file = {}, .environment = singularity::core::environment_variable, .flags = {}});
    if (!config) return std::fprintf(stderr, "%s\n", config.error().message.c_str()), 2;
    return run_service(*config, "answering_service", serve);
}
