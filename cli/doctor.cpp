// singularity doctor: what is missing or unsafe, and the command that mends it. Exit code 1 where
// something fails.
#include <algorithm>
#include <boost/json.hpp>
#include <iostream>
#include <sstream>

#include "cli/commands.hpp"
#include "cli/doctor_sandbox.hpp"
#include "cluster/doctor.hpp"
#include "core/format.hpp"

namespace singularity::cli {

namespace {

using cluster::Check;
using cluster::Verdict;

void print_check(const Check& check) {
    std::cout << core::format("{:5} {:22} {}\n", cluster::name_of(check.verdict), check.name, check.finding);
    if (check.verdict == Verdict::ok) return;
    std::istringstream remedy(check.remedy);
    const char* mark = "→";
    for (std::string line; std::getline(remedy, line); mark = " ")
        std::cout << core::format("{:28} {} {}\n", "", mark, line);
}

boost::json::value as_json(const std::vector<Check>& checks) {
    boost::json::array rows;
    for (const Check& check : checks) {
        rows.push_back({{"name", check.name},
                        {"verdict", cluster::name_of(check.verdict)},
                        {"finding", check.finding},
                        {"remedy", check.remedy}});
    }
    return rows;
}

void examine(Context& context) {
    auto checks = cluster::examine(context.config);
    std::ranges::move(examine_sandbox(context.config), std::back_inserter(checks));
    if (context.json) context.print_json(as_json(checks));
    else std::ranges::for_each(checks, print_check);
    if (std::ranges::contains(checks, Verdict::fail, &Check::verdict)) context.exit_code = 1;
}

}  // namespace

void add_doctor(CLI::App& app, Context& context) {
    app.add_subcommand("doctor", "What is missing or unsafe, and what mends it")->callback([&context] {
        examine(context);
    });
}

}  // namespace singularity::cli
