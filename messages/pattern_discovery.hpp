// Queue `pattern_discoveries_published`, Singularity → CentralCloud: what an instance knows of one
// pattern, whole, at one revision. A later revision replaces an earlier one, so messages may arrive
// in any order and more than once. The schema is schemas/pattern_discovery.json.
#pragma once

#include <boost/describe/class.hpp>
#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace singularity::messages {

// One distinct file content in which the pattern occurs, with its first occurrence there.
struct Evidence {
    std::string repository, path, folder;
    std::string content_hash;  // SHA-256 of the file, hex
    double confidence = 0;     // mean structural confidence of the occurrences in this content
    std::int64_t occurrences = 1;
    std::optional<std::string> function;
    std::optional<std::int64_t> start_line, end_line;  // from 1, inclusive
};
BOOST_DESCRIBE_STRUCT(Evidence, (),
                      (repository, path, folder, content_hash, confidence, occurrences, function, start_line,
                       end_line))

struct PatternDiscovery {
    static constexpr std::string_view kQueue = "pattern_discoveries_published";

    std::int64_t schema_version = 1;
    std::string request_id;  // derived from instance, incarnation, pattern and revision
    std::string instance_id;
    std::string incarnation;  // a ULID: of databases of one instance the latest counts
    std::string name, ecosystem;
    std::int64_t revision = 1;
    double confidence = 0;  // as the instance computes it from its own evidence
    std::vector<Evidence> evidence;
    std::optional<std::string> idiom, shape, shape_hash, description, agent_id, enqueued_at, traceparent;
    std::vector<std::string> best_practices;
    std::optional<std::int64_t> occurrences, files;
    boost::json::object example;
};
BOOST_DESCRIBE_STRUCT(PatternDiscovery, (),
                      (schema_version, request_id, instance_id, incarnation, name, ecosystem, revision,
                       confidence, evidence, idiom, shape, shape_hash, description, agent_id, enqueued_at,
                       traceparent, best_practices, occurrences, files, example))

}  // namespace singularity::messages
