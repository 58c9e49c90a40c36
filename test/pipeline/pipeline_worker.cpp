// Both ends of the shared queue, for a test that kills them.
//
//     pipeline_worker ask N FIRST LEDGER PER_SECOND   publishes questions FIRST … FIRST + N - 1
//     pipeline_worker work [NEXUS SHARED_QUEUE]       answers questions, as Nexus; URLs of its databases
//
// A question's id says its number. Once the bus has acknowledged one, its number is a line of LEDGER, which
// nobody else writes: all that may be asked of the system is to be found there. The effect of a question is a
// row of public.pipeline_effects, which the test makes, and which would show a second one.
#include <boost/asio.hpp>

#include <charconv>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <map>
#include <span>

#include "core/awaitable_operators.hpp"
#include "core/config.hpp"
#include "core/format.hpp"
#include "messages/question.hpp"
#include "services/runtime/consumer.hpp"
#include "services/runtime/publisher.hpp"
#include "services/runtime/relay.hpp"
#include "services/runtime/run_all.hpp"

namespace {

using namespace singularity::services;
using namespace singularity::core::awaitable_operators;
using singularity::messages::QuestionRequest;
using singularity::messages::QuestionResponse;
using singularity::pgclient::Pool;
using singularity::pgclient::Query;
using singularity::pgclient::Task;

constexpr Query kEffect{"pipeline.effect", "insert into public.pipeline_effects (request_id) values ($1)"};

// Every so many questions one is long enough to travel beside its message, and its answer, too.
constexpr std::uint64_t kLongOnes = 97;
constexpr std::size_t kLength = 100'000, kShort = 1000;

QuestionRequest question(std::uint64_t number) {
    QuestionRequest request;
    request.id = singularity::core::format("00000000-0000-4000-8000-{:012}", number);
    request.agent_id = "pipeline";
    request.question = singularity::core::format("{} squared?", number);
    if (number % kLongOnes == 0) request.question.append(kLength, '?');
    return request;
}

// From what was asked alone.
std::string response_to(const std::string& text) {
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return singularity::core::format("{} to {} bytes", number * number, text.size()) +
           std::string(std::max(text.size(), kShort) - kShort, '!');
}

Task<QuestionResponse> answer(const QuestionRequest& request, Delivery& delivery) {
    const auto own = co_await delivery.transaction();
    co_await own->exec(kEffect, request.id);
    QuestionResponse response;
    response.id = request.id;
    response.response = response_to(request.question);
    co_return response;
}

Task<void> work(Service& service) {
    Pool own(service.executor(), service.pool_options("nexus"));
    Pool shared(service.executor(), service.pool_options("shared_queue", "nexus"));
    const Bus bus{shared, service.connect_options("shared_queue", "nexus"), own};
    Consumer questions(service, bus, consumer_options(service.config(), "question_requests"),
                       handler<QuestionRequest>(answer));
    const auto relay = make_relay(service, {own, service.connect_options("nexus"), own}, shared, {});
    co_await (questions.run() && relay->run());
}

struct Asking {
    std::uint64_t count, first;
    std::string ledger;
    double per_second;
};

Task<void> publish(Publisher& publisher, std::uint64_t number) {
    const auto published = co_await publisher.publish(question(number));
    if (!published) throw std::runtime_error(reason_of(published.error()));
}

Task<void> ask(Service& service, Asking asking) {
    Pool bus(service.executor(), service.pool_options("shared_queue", "singularity"));
    Publisher publisher(bus, true, {.instance_id = service.config().instance_id});
    std::ofstream ledger(asking.ledger, std::ios::app);
    boost::asio::steady_timer next(service.executor(), std::chrono::steady_clock::now());
    for (std::uint64_t number = asking.first; number < asking.first + asking.count; ++number) {
        // Until it is acknowledged.
        co_await service.attempt("asking", [&] { return publish(publisher, number); });
        if (!(ledger << number << std::endl)) throw std::runtime_error("the ledger can't be written");
        next.expires_at(next.expiry() + std::chrono::nanoseconds(std::llround(1e9 / asking.per_second)));
        co_await next.async_wait(boost::asio::use_awaitable);
    }
}

std::optional<ServiceMain> main_of(std::span<char*> arguments) {
    const std::string_view role = arguments.size() > 1 ? arguments[1] : "";
    if (role == "work" && (arguments.size() == 2 || arguments.size() == 4)) return work;
    if (role != "ask" || arguments.size() != 6) return {};
    const Asking asking{std::stoull(arguments[2]), std::stoull(arguments[3]), arguments[4],
                        std::stod(arguments[5])};
    return [asking](Service& service) { return ask(service, asking); };
}

std::map<std::string, std::string> databases_of(std::span<char*> arguments) {
    if (arguments.size() != 4) return {};
    return {{"databases.nexus", arguments[2]}, {"databases.shared_queue", arguments[3]}};
}

}  // namespace

int main(int count, char** values) {
    const std::span arguments(values, static_cast<std::size_t>(count));
    const auto main = main_of(arguments);
    if (!main) {
        std::fputs("usage: pipeline_worker work [NEXUS SHARED_QUEUE] | ask N FIRST LEDGER PER_SECOND\n",
                   stderr);
        return 2;
    }
    const auto config =
        singularity::core::load_config({.file = {},
                                        .environment = singularity::core::environment_variable,
                                        .flags = databases_of(arguments)});
    if (!config) return std::fprintf(stderr, "%s\n", config.error().message.c_str()), 2;
    return run_service(*config, "pipeline_worker", *main);
}
