#include "cluster/doctor.hpp"

namespace singularity::cluster {

std::string_view name_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::ok: return "ok";
        case Verdict::warn: return "warn";
        case Verdict::fail: return "fail";
    }
    return "fail";
}

std::vector<Check> examine(const core::Config& config) {
    std::vector<Check> checks = examine_machine(config);
    const auto home = Home::at(config.home);
    if (!home) {
        checks.push_back({"home", Verdict::fail, home.error().message, "choose another folder with --home"});
        return checks;
    }
    for (auto& check : examine_home(*home)) checks.push_back(std::move(check));
    for (auto& check : examine_server(*home, config)) checks.push_back(std::move(check));
    return checks;
}

}  // namespace singularity::cluster
