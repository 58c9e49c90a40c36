// singularity id new | show: ULIDs made and read on this machine; no server is asked.
#include <boost/json.hpp>
#include <cmath>
#include <iostream>
#include <memory>

#include "capabilities/distributed_ids.hpp"
#include "capabilities/local_ids.hpp"
#include "cli/commands.hpp"
#include "core/clock.hpp"
#include "core/format.hpp"

namespace singularity::cli {

namespace {

namespace distributed_ids = capabilities::distributed_ids;

constexpr int kMostIds = 1'000'000;

struct NewOptions {
    int count = 1;
    bool monotonic = false;
};

std::string text_of(const algo::Ulid& ulid) {
    return std::string(std::string_view(ulid.text()));
}

std::string uuid_of(const algo::Ulid& ulid) {
    std::string uuid;
    for (std::size_t i = 0; i < ulid.bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) uuid += '-';
        uuid += core::format("{:02x}", ulid.bytes[i]);
    }
    return uuid;
}

// "3 days ago", "in 2.5 seconds": one unit is enough to place an id.
std::string relative(double seconds) {
    struct Unit {
        double seconds;
        std::string_view name;
    };
    constexpr Unit kUnits[] = {{86400, "days"}, {3600, "hours"}, {60, "minutes"}, {0, "seconds"}};
    const double distance = std::abs(seconds);
    const Unit* unit = kUnits;
    while (distance < 2 * unit->seconds) ++unit;
    const double amount = unit->seconds > 0 ? distance / unit->seconds : distance;
    const std::string text = core::format("{:.{}f} {}", amount, unit->seconds > 0 ? 0 : 1, unit->name);
    return seconds < 0 ? "in " + text : text + " ago";
}

void make_ids(Context& context, const NewOptions& options) {
    capabilities::LocalIds ids;
    boost::json::array texts;
    for (int i = 0; i < options.count; ++i) {
        const std::string text = text_of(options.monotonic ? ids.next_monotonic() : ids.next());
        if (context.json) texts.emplace_back(text);
        else std::cout << text << '\n';
    }
    if (context.json) context.print_json(texts);
}

void show_id(Context& context, const std::string& text) {
    const auto id = distributed_ids::parse(text);
    if (!id) return context.fail(id.error());
    const std::string time = core::rfc3339(id->timestamp(), 3);
    const double age = distributed_ids::age_seconds(*id);
    if (context.json) {
        context.print_json({{"ulid", text_of(*id)},
                            {"uuid", uuid_of(*id)},
                            {"time", time},
                            {"milliseconds", id->milliseconds()},
                            {"age_seconds", age}});
        return;
    }
    std::cout << core::format("ulid  {}\nuuid  {}\ntime  {} ({})\n", text_of(*id), uuid_of(*id), time,
                              relative(age));
}

}  // namespace

void add_id(CLI::App& app, Context& context) {
    auto* id = app.add_subcommand("id", "Make and read ULIDs, ids that sort by the time they were made");
    id->require_subcommand(1);

    auto options = std::make_shared<NewOptions>();
    auto* make = id->add_subcommand("new", "Print new ids, one a line");
    make->add_option("--count", options->count, "How many")->check(CLI::Range(1, kMostIds));
    make->add_flag("--monotonic", options->monotonic,
                   "Each greater than the one before, within a millisecond too");
    make->callback([&context, options] { make_ids(context, *options); });

    auto text = std::make_shared<std::string>();
    auto* show = id->add_subcommand("show", "Tell when an id was made, and the uuid of the same bytes");
    show->add_option("ID", *text, "26 characters")->required();
    show->callback([&context, text] { show_id(context, *text); });
}

}  // namespace singularity::cli
