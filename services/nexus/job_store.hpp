// Jobs as Genesis' database tells role console of them; as role nexus they are sent, and cancelled.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "messages/job_request.hpp"
#include "services/runtime/publisher.hpp"
#include "services/runtime/service.hpp"

namespace singularity::services::nexus {

// What whoever runs jobs would refuse a request for; none where it would not.
using JobCheck = std::function<std::optional<core::Error>(const messages::JobRequest&)>;

struct JobLook {
    std::string state;
    std::string body;  // all that is known but for the whole result: JSON, in one line
};

struct JobPiece {
    std::int64_t number = 0;
    std::int32_t attempt = 0;
    bool is_error = false;
    std::int64_t at_byte = 0;
    pgclient::Bytes bytes;
};

class JobStore {
public:
    explicit JobStore(Service& service);

    // None where Genesis has not had it.
    boost::asio::awaitable<std::optional<JobLook>> look(std::string request_id);
    // Newest first, as one JSON array.
    boost::asio::awaitable<std::string> list(std::int32_t limit);
    // Whether the bus knows it.
    boost::asio::awaitable<bool> is_on_its_way(std::string request_id);
    // What became of one that Genesis never had: its message is a dead letter. As look() has it, state dead.
    boost::asio::awaitable<std::optional<std::string>> dead(std::string request_id);
    // The whole answer as JSON; none while there is none, or when it is no longer kept.
    boost::asio::awaitable<std::optional<std::string>> result(std::string request_id);
    // Limits for the next run of the same code, as JSON that it can say; none where nothing is known.
    boost::asio::awaitable<std::optional<std::string>> suggested_limits(std::string request_id);
    // The next part of what a job that has ended wrote to a stream, at most kMostBytes; empty at its end.
    static constexpr std::int32_t kMostBytes = 1024 * 1024;
    boost::asio::awaitable<std::string> written(std::string request_id, bool is_error, std::int64_t from);
    // The next pieces of its output, some.
    boost::asio::awaitable<std::vector<JobPiece>> pieces(std::string request_id, std::int64_t after);

    // Its request_id; or what is wrong with it, by field, of its schema or by `check`.
    boost::asio::awaitable<core::Expected<std::string>> send(boost::json::object body, const JobCheck& check);
    // False where it has ended.
    boost::asio::awaitable<bool> cancel(std::string request_id);

private:
    pgclient::Pool looking_, bus_, sending_, cancelling_;
    Publisher publisher_;
};

}  // namespace singularity::services::nexus
