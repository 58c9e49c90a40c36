#include "messages/validation.hpp"

#include <boost/json/parse.hpp>
#include <map>
#include <memory>
#include <string>

#include <valijson/adapters/boost_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "messages/schemas.hpp"

namespace singularity::messages {

namespace {

struct QueueSchema {
    std::string_view queue, file;
};

constexpr QueueSchema kQueueSchemas[] = {
    {"pattern_discoveries_published", "pattern_discovery.json"},
};

constexpr std::size_t kMostProblems = 10;

using Schemas = std::map<std::string_view, valijson::Schema>;

std::string_view text_of(std::string_view file) {
    for (const core::EmbeddedFile& embedded : schema_files()) {
        if (embedded.path == file) return embedded.text;
    }
    throw std::logic_error("no schema file " + std::string(file));
}

const Schemas& schemas() {
    static const Schemas parsed = [] {
        Schemas result;
        for (const QueueSchema& entry : kQueueSchemas) {
            const boost::json::value document = boost::json::parse(text_of(entry.file));
            valijson::adapters::BoostJsonAdapter adapter(document);
            valijson::SchemaParser(valijson::SchemaParser::kDraft7)
                .populateSchema(adapter, result[entry.queue]);
        }
        return result;
    }();
    return parsed;
}

// valijson writes a path as "<root>[evidence][3][confidence]".
std::string readable_path(const std::vector<std::string>& context) {
    std::string path;
    for (std::size_t i = 1; i < context.size(); ++i) {
        const std::string inner = context[i].substr(1, context[i].size() - 2);
        const bool index = !inner.empty() && inner.find_first_not_of("0123456789") == std::string::npos;
        if (index) path += "[" + inner + "]";
        else path += (path.empty() ? "" : ".") + inner;
    }
    return path.empty() ? "message" : path;
}

}  // namespace

core::Expected<void> validate(std::string_view queue, const boost::json::value& body) {
    const auto found = schemas().find(queue);
    if (found == schemas().end()) {
        return core::failure(core::ErrorCode::not_found, "queue " + std::string(queue) + " has no schema");
    }
    valijson::Validator validator(valijson::Validator::kStrongTypes);
    valijson::ValidationResults results;
    if (validator.validate(found->second, valijson::adapters::BoostJsonAdapter(body), &results)) return {};
    std::vector<std::string> problems;
    valijson::ValidationResults::Error problem;
    while (results.popError(problem) && problems.size() < kMostProblems) {
        problems.push_back(readable_path(problem.context) + ": " + problem.description);
    }
    return core::failure(core::ErrorCode::invalid_input,
                         "the message violates the schema of " + std::string(queue), std::move(problems));
}

}  // namespace singularity::messages
