// Queue `centralcloud_updates`, Singularity → CentralCloud: what an instance learned and noticed.
#pragma once

#include <boost/describe/class.hpp>
#include <boost/json/value.hpp>

#include <string_view>
#include <vector>

#include "messages/envelope.hpp"

namespace singularity::messages {

// instance_id is required.
struct CentralCloudUpdate : Envelope {
    static constexpr std::string_view kQueue = "centralcloud_updates";

    std::string event_type;  // knowledge_update
    std::vector<boost::json::value> patterns, insights;
    std::optional<std::string> timestamp;
};
BOOST_DESCRIBE_STRUCT(CentralCloudUpdate, (Envelope), (event_type, patterns, insights, timestamp))

}  // namespace singularity::messages
