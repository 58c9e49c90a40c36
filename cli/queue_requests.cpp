// singularity queue publish|answer: what an agent does, for people: asking, and having the answer.
#include <algorithm>
#include <boost/asio.hpp>
#include <boost/json.hpp>
#include <chrono>
#include <iostream>
#include <iterator>

#include "cli/answer_wait.hpp"
#include "cli/connect.hpp"
#include "cli/given_id.hpp"
#include "cli/queue_options.hpp"
#include "cli/request_end.hpp"
#include "cli/whole_number.hpp"
#include "cluster/url.hpp"
#include "core/format.hpp"
#include "messages/parsing.hpp"
#include "messages/registry.hpp"
#include "services/runtime/publisher.hpp"

namespace singularity::cli {

namespace {

using boost::asio::awaitable;
using core::ErrorCode;
using pgclient::Query;

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kBetweenDeaths{2};

constexpr Query kSenders{"publish.senders",
                         "select senders from public.queue_policies"
                         " where queue_name = $1::text or $1::text = any (aliases)"};

struct Senders {
    std::vector<std::string> senders;
};

core::Expected<boost::json::object> object_in(const std::string& text) {
    auto value = messages::parse(text);
    if (!value) return std::unexpected(std::move(value.error()));
    if (!value->is_object())
        return core::failure(ErrorCode::invalid_input, "the message must be a JSON object");
    return std::move(value->get_object());
}

core::Expected<boost::json::object> body_of(const QueueOptions& options) {
    const bool from_input = options.message == "-";
    auto body = object_in(from_input ? std::string(std::istreambuf_iterator(std::cin), {}) : options.message);
    if (!body) return body;
    if (auto empty = messages::empty_ids(options.queue, *body); !empty.empty())
        return core::failure(ErrorCode::invalid_input, "the message's id is none", std::move(empty));
    if (options.request_id.empty()) return body;
    const std::string own = messages::request_id_of(*body);
    if (own.empty() || own == options.request_id) return body;
    return core::failure(
        ErrorCode::invalid_input,
        core::format("the message has the request_id \"{}\", not \"{}\"", own, options.request_id));
}

// As the instance where it may send to the queue, else as the first service that may.
awaitable<std::string> sender_of(const core::Config& config, const std::string& queue) {
    const auto session = co_await connect(config, "shared_queue");
    const auto policy = co_await session->maybe<Senders>(kSenders, queue);
    if (!policy || policy->senders.empty() || std::ranges::contains(policy->senders, "singularity"))
        co_return "singularity";
    co_return policy->senders.front();
}

bool is_answer(std::string_view queue) {
    const messages::QueueContract* contract = messages::find_contract(queue);
    return contract && messages::brings_answers(*contract);
}

// Whose the message is: an answer goes to the instance that asked.
std::string instance_of(const boost::json::object& body, const core::Config& config) {
    const auto* given = body.if_contains("instance_id");
    return given && given->is_string() ? std::string(given->get_string()) : config.instance_id;
}

awaitable<void> publish(Context& context, const QueueOptions& options) {
    const auto body = body_of(options);
    if (!body) co_return context.fail(body.error());
    messages::Defaults defaults{.request_id = options.request_id, .instance_id = context.config.instance_id};
    std::string request_id = messages::request_id_of(*body);
    if (request_id.empty()) request_id = options.request_id;
    if (request_id.empty() && !is_answer(options.queue)) {
        request_id = defaults.request_id = messages::new_request_id();
        defaults.enqueued_at = core::now();
    }
    const std::string queue = messages::queue_to(options.queue, instance_of(*body, context.config));
    const auto url =
        cluster::database_url(context.config, "shared_queue", co_await sender_of(context.config, queue));
    if (!url) co_return context.fail(url.error());
    pgclient::Pool bus(co_await boost::asio::this_coro::executor,
                       {.connect = {.dsn = *url, .application_name = "singularity cli"}, .size = 1});
    services::Publisher publisher(bus, context.config.shared_queue_enabled, std::move(defaults));
    const auto msg_id = co_await publisher.publish(queue, *body);
    if (!msg_id) co_return context.fail(msg_id.error());
    if (context.json) {
        co_return context.print_json({{"msg_id", *msg_id}, {"queue", queue}, {"request_id", request_id}});
    }
    std::cout << *msg_id << ' ' << request_id << '\n';
}

// Now and then it looks whether the request has died.
awaitable<void> answer(Context& context, const QueueOptions& options) {
    AnswerWait wait(context.config, options.request_id, co_await connect(context.config, "singularity"));
    RequestEnd end(co_await boost::asio::this_coro::executor, context.config);
    const auto until = Clock::now() + std::chrono::seconds(options.wait_seconds);
    const auto next = [&] {
        return wait.within(std::clamp<Clock::duration>(until - Clock::now(), {}, kBetweenDeaths));
    };
    auto answer = co_await next();
    while (!answer) {
        const WhyUnanswered why = co_await end.look(options.request_id);
        if (why.is_over || Clock::now() >= until) co_return context.fail(why.error);
        answer = co_await next();
    }
    if (context.json) {
        co_return context.print_json({{"request_id", options.request_id}, {"answer", *answer}});
    }
    std::cout << boost::json::serialize(*answer) << '\n';
}

}  // namespace

void add_request_commands(CLI::App& queue, Context& context, const std::shared_ptr<QueueOptions>& options) {
    auto* publishing = queue.add_subcommand(
        "publish", "Send a message of the bus, completed and checked; prints its id and its request_id");
    publishing->add_option("QUEUE", options->queue, "A queue of the bus, or its alias")->required();
    publishing->add_option("MESSAGE", options->message, "A JSON object, or - to read it")->required();
    publishing
        ->add_option("--request-id", options->request_id,
                     "Published again with the same one it is not sent twice")
        ->check(given_id);
    publishing->callback([&context, options] { run_on_queues(context, *options, publish); });

    auto* answering = queue.add_subcommand("answer", "Print the answer to a request, and take it");
    answering->add_option("REQUEST_ID", options->request_id, "As publish printed it")->required();
    answering->add_option("--wait", options->wait_seconds, "Seconds to wait for it")->check(whole_number(0));
    answering->callback([&context, options] { run_on_queues(context, *options, answer); });
}

}  // namespace singularity::cli
