// singularity patterns list|show|search: what the fleet knows, as this instance's replica has it.
#include <boost/asio.hpp>
#include <boost/json.hpp>
#include <iostream>

#include "cli/commands.hpp"
#include "cli/connect.hpp"
#include "cli/pattern_queries.hpp"
#include "cli/plain_text.hpp"
#include "cli/run_on_database.hpp"
#include "core/format.hpp"

namespace singularity::cli {

namespace {

using boost::asio::awaitable;

boost::json::object as_json(const PatternLine& line) {
    return {{"name", line.name},
            {"ecosystem", line.ecosystem},
            {"approved", line.approved},
            {"confidence", line.confidence},
            {"files", boost::json::value_from(line.files)},
            {"description", boost::json::value_from(line.description)}};
}

void print_lines(Context& context, const std::vector<PatternLine>& lines) {
    if (context.json) {
        boost::json::array rows;
        for (const PatternLine& line : lines) rows.push_back(as_json(line));
        context.print_json(rows);
        return;
    }
    for (const PatternLine& line : lines) {
        std::cout << core::format("{:.3f} {} {} ({}{})\n      {}\n", line.confidence,
                                  line.approved ? "+" : "-", line.name, line.ecosystem,
                                  line.approved ? "" : ", not approved", line.description.value_or(""));
    }
}

std::string text_of(const boost::json::object& object, std::string_view key) {
    const boost::json::value* found = object.if_contains(key);
    if (found == nullptr || found->is_null()) return {};
    return found->is_string() ? std::string(found->get_string()) : boost::json::serialize(*found);
}

// "path:12-30" of evidence or an example.
std::string place_of(const boost::json::object& object) {
    return core::format("{}:{}-{}", text_of(object, "path"), text_of(object, "start_line"),
                        text_of(object, "end_line"));
}

void print_example(const boost::json::object& example) {
    std::cout << core::format("\nexample, {} in {}\n", place_of(example), text_of(example, "repository"));
    std::istringstream code(text_of(example, "code"));
    for (std::string line; std::getline(code, line);) std::cout << "    " << line << '\n';
}

void print_detail(const PatternDetail& pattern) {
    std::cout << core::format("{}\n{}, {}, confidence {:.3f}, {} occurrences, evidence from {} {}\n\n{}\n",
                              pattern.name, pattern.ecosystem, pattern.approved ? "approved" : "not approved",
                              pattern.confidence, pattern.occurrences.value_or(0), pattern.files.value_or(0),
                              pattern.files == 1 ? "file" : "files", pattern.description.value_or(""));
    if (pattern.shape) std::cout << "shape: " << *pattern.shape << '\n';
    if (!pattern.best_practices.empty()) std::cout << "\ngood practice\n";
    for (const std::string& practice : pattern.best_practices) std::cout << "  - " << practice << '\n';
    std::cout << "\nevidence\n";
    for (const boost::json::value& row : pattern.evidence.as_array()) {
        const boost::json::object& evidence = row.as_object();
        std::cout << core::format("  {}  {}  ({})\n", place_of(evidence), text_of(evidence, "function"),
                                  text_of(evidence, "repository"));
    }
    if (!pattern.example.as_object().empty()) print_example(pattern.example.as_object());
}

boost::json::object as_json(const PatternDetail& pattern) {
    return {{"name", pattern.name},
            {"ecosystem", pattern.ecosystem},
            {"approved", pattern.approved},
            {"confidence", pattern.confidence},
            {"files", boost::json::value_from(pattern.files)},
            {"occurrences", boost::json::value_from(pattern.occurrences)},
            {"description", boost::json::value_from(pattern.description)},
            {"shape", boost::json::value_from(pattern.shape)},
            {"best_practices", boost::json::value_from(pattern.best_practices)},
            {"evidence", pattern.evidence},
            {"example", pattern.example}};
}

awaitable<void> list(Context& context, bool all) {
    const auto database = co_await connect(context.config, "singularity");
    print_lines(context, co_await list_patterns(*database, all));
}

awaitable<void> show(Context& context, const std::string& name) {
    const auto database = co_await connect(context.config, "singularity");
    const auto found = co_await find_patterns(*database, name);
    if (found.empty()) {
        context.fail({core::ErrorCode::not_found, core::format("there is no pattern \"{}\"", name), {}});
        co_return;
    }
    if (context.json) {
        boost::json::array rows;
        for (const PatternDetail& pattern : found) rows.push_back(as_json(pattern));
        context.print_json(rows);
        co_return;
    }
    for (const PatternDetail& pattern : found) print_detail(pattern);
}

awaitable<void> search(Context& context, const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
    const auto database = co_await connect(context.config, "singularity");
    const auto found = co_await search_patterns(*database, text);
    print_lines(context, found);
    if (found.empty() && !context.json)
        std::cerr << core::format("no approved pattern speaks of \"{}\"\n", plain_text(text));
}

}  // namespace

void add_patterns(CLI::App& app, Context& context) {
    auto* patterns = app.add_subcommand("patterns", "What was learned: list, show, search");
    patterns->require_subcommand(1);

    auto all = std::make_shared<bool>(false);
    auto* listing = patterns->add_subcommand("list", "Approved patterns, most confident first");
    listing->add_flag("--all", *all, "Also what this instance learned and is not approved");
    listing->callback([&context, all] { run_on_database(context, [&] { return list(context, *all); }); });

    auto name = std::make_shared<std::string>();
    auto* showing = patterns->add_subcommand("show", "One pattern: meaning, evidence, example");
    showing->add_option("NAME", *name, "Its name, or the end of it")->required();
    showing->callback([&context, name] { run_on_database(context, [&] { return show(context, *name); }); });

    auto words = std::make_shared<std::vector<std::string>>();
    auto* searching = patterns->add_subcommand("search", "Approved patterns that speak of something");
    searching->add_option("WORDS", *words, "What to look for")->required();
    searching->callback(
        [&context, words] { run_on_database(context, [&] { return search(context, *words); }); });
}

}  // namespace singularity::cli
