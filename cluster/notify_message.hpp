// A datagram of the sd_notify protocol, as the supervisor understands it. docs/cluster.md lists the fields.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace singularity::cluster {

struct NotifyMessage {
    bool ready = false;
    std::optional<std::string> status;  // one line for people; empty clears it
    std::optional<bool> healthy;        // false: degraded
    std::optional<std::string> http;    // where nexus listens
};

// Lines of NAME=value; what it does not know is passed over. Control characters become spaces.
NotifyMessage parse_notify(std::string_view datagram);

}  // namespace singularity::cluster
