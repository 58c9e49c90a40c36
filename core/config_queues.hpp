// The tables [queues.NAME] of the configuration: which names and which keys there are. Internal to
// core/config.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/config.hpp"

namespace singularity::core {

// The queues of the bus, as schema/shared_queue makes them, and those of a service's own database that a
// relay empties.
std::span<const std::string_view> queue_names();

struct QueueField {
    std::string_view key;
    std::string_view description;
    // As a Setting's: stores the text; a problem is what would be right.
    std::string (*set)(QueueSettings&, const std::string& text);
    std::optional<std::string> (*get)(const QueueSettings&);
};
std::span<const QueueField> queue_fields();

// Null where the queue has no such setting: how long an archive is kept is the bus's to decide.
const QueueField* find_queue_field(std::string_view queue, std::string_view key);

// A relay's claims are short: sending what it sent before its end again has no second effect, so nobody need
// wait long for them to run out.
std::map<std::string, QueueSettings> default_queues();

// "queues.NAME.KEY" in its parts; none for any other key.
struct QueueKey {
    std::string queue;
    std::string_view field;
};
std::optional<QueueKey> queue_key(std::string_view key);

}  // namespace singularity::core
