#include "messages/validation.hpp"

#include <boost/json/parse.hpp>
#include <map>
#include <string>

#include <valijson/adapters/boost_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "messages/registry.hpp"
#include "messages/schema_problems.hpp"
#include "messages/schemas.hpp"

namespace singularity::messages {

namespace {

constexpr std::size_t kMostProblems = 10;

struct Schema {
    boost::json::value document;
    valijson::Schema parsed;
};

using Schemas = std::map<std::string_view, Schema>;

std::string_view text_of(std::string_view file) {
    for (const core::EmbeddedFile& embedded : schema_files()) {
        if (embedded.path == file) return embedded.text;
    }
    throw std::logic_error("no schema file " + std::string(file));
}

const Schemas& schemas() {
    static const Schemas parsed = [] {
        Schemas result;
        for (const QueueContract& contract : queue_contracts()) {
            Schema& schema = result[contract.queue];
            schema.document = boost::json::parse(text_of(contract.schema));
            valijson::adapters::BoostJsonAdapter adapter(schema.document);
            valijson::SchemaParser(valijson::SchemaParser::kDraft7).populateSchema(adapter, schema.parsed);
        }
        return result;
    }();
    return parsed;
}

// Keeps the patterns that it has compiled.
valijson::Validator& validator() {
    thread_local valijson::Validator instance(valijson::Validator::kStrongTypes);
    return instance;
}

std::vector<std::string> problems_of(const Schema& schema, const boost::json::value& body) {
    valijson::ValidationResults results;
    validator().validate(schema.parsed, valijson::adapters::BoostJsonAdapter(body), &results);
    std::vector<std::string> problems;
    valijson::ValidationResults::Error error;
    while (results.popError(error) && problems.size() < kMostProblems) {
        std::string problem =
            readable_problem(schema.document, body, {std::move(error.context), std::move(error.description)});
        if (!problem.empty()) problems.push_back(std::move(problem));
    }
    return problems;
}

}  // namespace

core::Expected<void> validate(std::string_view queue, const boost::json::value& body) {
    const QueueContract* contract = find_contract(queue);
    if (!contract) {
        return core::failure(core::ErrorCode::not_found, "queue " + std::string(queue) + " has no schema");
    }
    const Schema& schema = schemas().at(contract->queue);
    // Without results, valijson stops at the first problem and says nothing: much the faster way to a yes.
    if (validator().validate(schema.parsed, valijson::adapters::BoostJsonAdapter(body), nullptr)) return {};
    return core::failure(core::ErrorCode::invalid_input,
                         "the message violates the schema of " + std::string(contract->queue),
                         problems_of(schema, body));
}

}  // namespace singularity::messages
