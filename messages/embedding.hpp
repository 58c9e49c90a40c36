// Queues `embedding_requests`, Singularity → Nexus, and `embedding_results` back: the vector of a text.
#pragma once

#include <boost/describe/class.hpp>

#include <string_view>
#include <vector>

#include "messages/envelope.hpp"

namespace singularity::messages {

struct EmbeddingRequest : Envelope {
    static constexpr std::string_view kQueue = "embedding_requests";

    std::string query_id;  // the request_id under its older name
    std::string query;     // the text
    std::string model = "auto";
    std::optional<std::string> provider;
    std::optional<std::string> task;  // retrieval.query, retrieval.passage, separation, classification,
                                      // text-matching
    std::optional<std::int64_t> dimensions;
    std::optional<std::string> received_at, expires_at;
};
BOOST_DESCRIBE_STRUCT(EmbeddingRequest, (Envelope),
                      (query_id, query, model, provider, task, dimensions, received_at, expires_at))

struct EmbeddingResult : Envelope {
    static constexpr std::string_view kQueue = "embedding_results";

    std::string query_id;
    std::vector<double> embedding;  // empty where `error` says why
    std::int64_t embedding_dim = 0;
    std::optional<std::string> model, provider;
    std::optional<std::int64_t> tokens_used;
    std::optional<double> cost_usd;
    std::optional<ResultError> error;
    std::optional<std::string> timestamp;
};
BOOST_DESCRIBE_STRUCT(EmbeddingResult, (Envelope),
                      (query_id, embedding, embedding_dim, model, provider, tokens_used, cost_usd, error,
                       timestamp))

}  // namespace singularity::messages
