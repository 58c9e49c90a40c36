// Why a request has no answer, as the databases between it and the answer tell it.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <string>

#include "core/config.hpp"
#include "services/nexus/request_store.hpp"

namespace singularity::cli {

struct WhyUnanswered {
    bool is_over = false;  // no answer will come, unless somebody sends a dead letter back
    core::Error error;     // in a sentence
};

class RequestEnd {
public:
    // Asks as role console, as Nexus does. Throws std::runtime_error where the configuration has no such URL.
    RequestEnd(const boost::asio::any_io_executor& executor, const core::Config& config);

    // Of a request that has no answer. Where a database is away, it is only not answered.
    boost::asio::awaitable<WhyUnanswered> look(std::string request_id);

private:
    services::nexus::RequestStore store_;
};

}  // namespace singularity::cli
