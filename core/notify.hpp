// Tells the supervisor how a service is: the sd_notify protocol, datagrams of NAME=value lines to the
// socket in $NOTIFY_SOCKET. Without that variable every call does nothing, so a service started by
// hand behaves the same. Source: sd_notify(3).
#pragma once

#include <string_view>

namespace singularity::core {

void notify(std::string_view assignments);

void notify_ready();

// One line for people: what the service is doing, or what it waits for.
void notify_status(std::string_view text);

void notify_field(std::string_view name, std::string_view value);

// A degraded service runs, but without something it depends on; `reason` says without what.
void notify_healthy();
void notify_degraded(std::string_view reason);

}  // namespace singularity::core
