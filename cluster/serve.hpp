// `singularity up` in the foreground: makes the cluster where there is none, brings every file in it up
// to date, and supervises until told to stop.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cluster/backbone.hpp"
#include "cluster/held_signals.hpp"
#include "cluster/supervisor.hpp"

namespace singularity::cluster {

struct ServiceCommand {
    std::string name;
    std::vector<std::string> arguments;    // of this very program: {"run", "nexus"}
    std::vector<std::string> environment;  // additions, NAME=value
    std::vector<int> passed{};             // descriptors, which stay open as long as we run
};

// What a backbone consists of beside its server; the CLI knows it.
struct Plan {
    std::string schedule_database;  // where pg_cron lives
    std::vector<ServiceCommand> services;
    std::vector<Neighbour> neighbours{};
    std::function<void()> after = [] {};  // when everything has stopped
    std::function<Probe(const Backbone&)> probe;
    std::function<Bootstrap(const Backbone&)> bootstrap;
};

struct Announce {
    std::function<void()> healthy = [] {};   // every part is, for the first time
    std::function<void()> given_up = [] {};  // a service crashed too often; the others go on
};

// Blocks. Success: it was told to stop, and everything has stopped; told while the cluster is made, that is
// completed and nothing is started. `held` since before the home was claimed. The folder of the sockets goes
// at the end.
core::Expected<void> serve(const Backbone& backbone, const core::Config& config, const Plan& plan,
                           HeldSignals& held, Announce announce);

}  // namespace singularity::cluster
