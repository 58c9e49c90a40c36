// Sends messages to the bus, each once: the request's id is its unique key.
//
// A request that is published again, because nobody knows whether the first time arrived, gets the first
// message's id and is not sent twice; with another body it is refused. Bodies beyond 64 KB travel by
// reference to blobs, which are stored in the same transaction. What is published at the same time goes to
// its queue together, and each is acknowledged, or refused, by itself.
#pragma once

#include <boost/json/object.hpp>

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "messages/blob_references.hpp"
#include "messages/json_mapping.hpp"
#include "messages/publishing.hpp"
#include "pgclient/pool.hpp"
#include "services/runtime/gathering.hpp"

namespace singularity::services {

// What who has disabled the shared queue is told.
core::Error publishing_disabled();

// A message as it is sent.
struct Letter {
    boost::json::value body, headers;
    std::vector<messages::Blob> blobs = {};
    std::int64_t msg_id = 0;  // once it is
};

class Publisher {
public:
    // `bus` outlives the publisher, the publisher whoever publishes. `defaults` fills in who publishes.
    Publisher(pgclient::Pool& bus, bool enabled, messages::Defaults defaults);

    // The message's id. invalid_input names each field that is missing or wrong; refused where the request's
    // id was published with another body, or publishing is disabled; not_found where there is no such queue.
    // Throws DbError where the database is away: publish it again.
    pgclient::Task<core::Expected<std::int64_t>> publish(std::string queue, boost::json::object body);

    template <class Message>
    pgclient::Task<core::Expected<std::int64_t>> publish(const Message& message) {
        return publish(std::string(Message::kQueue), messages::to_json(message));
    }

    // All of them or none, in one transaction; ids in the order of `bodies`. Problems say which one it is.
    pgclient::Task<core::Expected<std::vector<std::int64_t>>> publish_batch(
        std::string queue, std::vector<boost::json::object> bodies);

private:
    Gathering<Letter>& letters_to(const std::string& queue);

    pgclient::Pool& bus_;
    bool enabled_;
    messages::Defaults defaults_;
    std::map<std::string, Gathering<Letter>> letters_ = {};  // by queue
};

}  // namespace singularity::services
