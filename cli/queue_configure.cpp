// singularity queue configure|pause|resume, and the options that `create` takes: what docs/queue.md calls the
// options of a queue.
#include <boost/asio.hpp>
#include <boost/json.hpp>
#include <iostream>

#include "cli/connect.hpp"
#include "cli/queue_options.hpp"
#include "cli/whole_number.hpp"
#include "core/format.hpp"

namespace singularity::cli {

namespace {

using boost::asio::awaitable;
using pgclient::Query;

constexpr Query kConfigure{"queue.configure", "select queue.configure($1::text, $2::text::jsonb)::text"};
constexpr Query kOptions{"queue.options", "select to_jsonb(options) from queue.options_of($1::text) options"};

// What reads as true, false, null or a number is that, anything else text: the server refuses what doesn't
// fit.
boost::json::value value_in(std::string_view text) {
    boost::system::error_code wrong;
    boost::json::value value = boost::json::parse(text, wrong);
    if (wrong || value.is_structured()) return boost::json::string(text);
    return value;
}

boost::json::object settings_in(const std::vector<std::string>& settings) {
    boost::json::object values;
    for (const std::string& setting : settings) {
        const std::size_t equals = setting.find('=');
        values[setting.substr(0, equals)] = value_in(std::string_view(setting).substr(equals + 1));
    }
    return values;
}

std::string refuse_without_equals(const std::string& setting) {
    if (setting.find('=') != setting.npos) return {};
    return core::format("\"{}\" is no setting: give KEY=VALUE", setting);
}

awaitable<void> configure(Context& context, const QueueOptions& options) {
    const auto session = co_await connect(context.config, options.database);
    if (!options.settings.empty()) {
        co_await session->exec(kConfigure, options.queue,
                               boost::json::serialize(settings_in(options.settings)));
    }
    const auto now = co_await session->one<boost::json::value>(kOptions, options.queue);
    if (context.json) {
        co_return context.print_json(boost::json::object{{"queue", options.queue}, {"options", now}});
    }
    for (const auto& [name, value] : now.as_object()) {
        const std::string text = value.is_null()     ? "unlimited"
                                 : value.is_string() ? std::string(value.as_string())
                                                     : boost::json::serialize(value);
        std::cout << core::format("{:24} {}\n", std::string_view(name), text);
    }
}

awaitable<void> set_paused(Context& context, const QueueOptions& options, bool paused) {
    const auto session = co_await connect(context.config, options.database);
    co_await session->exec(kConfigure, options.queue,
                           boost::json::serialize(boost::json::object{{"paused", paused}}));
    if (context.json) context.print_json(boost::json::object{{"queue", options.queue}, {"paused", paused}});
}

awaitable<void> pause(Context& context, const QueueOptions& options) {
    return set_paused(context, options, true);
}

awaitable<void> resume(Context& context, const QueueOptions& options) {
    return set_paused(context, options, false);
}

}  // namespace

void add_option_flags(CLI::App& create, QueueOptions& options) {
    create.add_flag("--memory-claims", options.memory_claims, "Claims live in memory alone");
    create.add_flag("--turns", options.turns, "Groups take turns");
    create.add_option("--max-in-flight", options.max_in_flight, "Messages claimed at once")
        ->check(whole_number(1));
    create.add_option("--max-in-flight-per-group", options.max_in_flight_per_group, "The same, of a group")
        ->check(whole_number(1));
    create.add_option("--unique-for", options.unique_for, "How long unique keys are remembered: '90 days'");
}

std::string option_flags_given(const QueueOptions& options) {
    boost::json::object given;
    if (options.memory_claims) given["memory_claims"] = true;
    if (options.turns) given["turns"] = true;
    if (options.max_in_flight > 0) given["max_in_flight"] = options.max_in_flight;
    if (options.max_in_flight_per_group > 0)
        given["max_in_flight_per_group"] = options.max_in_flight_per_group;
    if (!options.unique_for.empty()) given["unique_for"] = options.unique_for;
    return boost::json::serialize(given);
}

void add_queue_configure(CLI::App& queue, Context& context, const std::shared_ptr<QueueOptions>& options) {
    add_command_on_queue(queue, context, options, "configure",
                         "Set options of a queue, null for the default; prints all of them", configure)
        ->add_option("SETTING", options->settings, "KEY=VALUE, any number of them")
        ->check(CLI::Validator(refuse_without_equals, "KEY=VALUE"));
    add_command_on_queue(queue, context, options, "pause",
                         "Give readers nothing; sends go on, and what is claimed goes its way", pause);
    add_command_on_queue(queue, context, options, "resume", "Give readers messages again", resume);
}

}  // namespace singularity::cli
