// The tables [queues.NAME] of the configuration: which names and which keys there are. Internal to
// core/config.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/config.hpp"

namespace singularity::core {

// The queues of the bus, as schema/shared_queue makes them.
std::span<const std::string_view> queue_names();

struct QueueField {
    std::string_view key;
    std::string_view description;
    // As a Setting's: stores the text; a problem is what would be right.
    std::string (*set)(QueueSettings&, const std::string& text);
    std::optional<std::string> (*get)(const QueueSettings&);
};
std::span<const QueueField> queue_fields();

// "queues.NAME.KEY" in its parts; none for any other key.
struct QueueKey {
    std::string queue;
    std::string_view field;
};
std::optional<QueueKey> queue_key(std::string_view key);

}  // namespace singularity::core
