// Every queue at once: its struct, its schema and its line in the registry say the same, and what a schema
// requires is refused by name where it is missing or mistyped.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <set>

#include "messages/agent_message.hpp"
#include "messages/approval.hpp"
#include "messages/centralcloud_update.hpp"
#include "messages/contract_examples.hpp"
#include "messages/embedding.hpp"
#include "messages/job_request.hpp"
#include "messages/job_result.hpp"
#include "messages/json_mapping.hpp"
#include "messages/llm_request.hpp"
#include "messages/llm_result.hpp"
#include "messages/pattern_discovery.hpp"
#include "messages/performance_stat.hpp"
#include "messages/publishing.hpp"
#include "messages/question.hpp"
#include "messages/registry.hpp"
#include "messages/schemas.hpp"
#include "messages/validation.hpp"

namespace singularity::messages {
namespace {

namespace json = boost::json;
using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::StartsWith;

json::object schema_of(std::string_view queue) {
    const QueueContract* contract = find_contract(queue);
    for (const core::EmbeddedFile& file : schema_files()) {
        if (contract && file.path == contract->schema) return json::parse(file.text).as_object();
    }
    throw std::runtime_error("no schema of " + std::string(queue));
}

bool allows(const json::object& schema, std::string_view type) {
    const json::value* types = schema.if_contains("type");
    if (!types) return true;
    if (types->is_string()) return types->get_string() == type;
    return std::ranges::find(types->as_array(), json::value(type)) != types->as_array().end();
}

// A value that fits, with every property in its place.
json::value sample(const json::object& schema) {
    if (const json::value* one_of = schema.if_contains("enum")) return one_of->as_array().front();
    if (const json::value* pattern = schema.if_contains("pattern")) {
        return pattern->as_string().starts_with("^[0-7]") ? json::value("01ARZ3NDEKTSV4RRFFQ69G5FAV")
                                                          : json::value(std::string(64, 'a'));
    }
    if (allows(schema, "array")) {
        const json::value* items = schema.if_contains("items");
        return json::array{items ? sample(items->as_object()) : json::value("x")};
    }
    if (allows(schema, "object")) {
        json::object object;
        const json::value* properties = schema.if_contains("properties");
        if (!properties) return json::object{{"x", 1}};
        for (const auto& [name, property] : properties->as_object())
            object[name] = sample(property.as_object());
        return object;
    }
    if (allows(schema, "string")) return "x";
    if (allows(schema, "boolean")) return true;
    return allows(schema, "integer") ? json::value(1) : json::value(0.5);
}

template <typename T>
struct Inner {
    using type = T;
};
template <typename T>
struct Inner<std::optional<T>> : Inner<T> {};
template <typename T>
struct Inner<Nullable<T>> : Inner<T> {};
template <typename T>
struct Inner<std::vector<T>> : Inner<T> {};

// Adds the path of every field that the struct has and the schema has not, or the other way round.
template <typename T>
void compare_fields(const json::object& schema, const std::string& path,
                    std::vector<std::string>& differences) {
    std::set<std::string> named;
    for (const auto& member : schema.at("properties").as_object()) named.emplace(member.key());
    boost::mp11::mp_for_each<detail::Members<T>>([&](auto member) {
        using Field = typename Inner<std::remove_cvref_t<decltype(std::declval<T>().*member.pointer)>>::type;
        const std::string name = path + member.name;
        if (named.erase(member.name) == 0) return differences.push_back(name + ": not in the schema");
        if constexpr (boost::describe::has_describe_members<Field>::value) {
            const json::object& property = schema.at("properties").at(member.name).as_object();
            const json::value* items = property.if_contains("items");
            compare_fields<Field>(items ? items->as_object() : property, name + ".", differences);
        }
    });
    for (const std::string& name : named) differences.push_back(path + name + ": not in the struct");
}

// Adds the path of every property without a description, and of every optional one that may not be null.
void look_through(const json::object& schema, const std::string& path, std::vector<std::string>& faults) {
    const json::value* properties = schema.if_contains("properties");
    if (!properties) return;
    std::set<std::string> required;
    if (const json::value* names = schema.if_contains("required")) {
        for (const json::value& name : names->as_array()) required.emplace(name.as_string());
    }
    for (const auto& [name, value] : properties->as_object()) {
        const json::object& property = value.as_object();
        const std::string where = path + std::string(name);
        if (!property.contains("description")) faults.push_back(where + ": not described");
        if (!required.contains(std::string(name)) && !allows(property, "null"))
            faults.push_back(where + ": not null");
        look_through(property, where + ".", faults);
        if (const json::value* items = property.if_contains("items")) {
            look_through(items->as_object(), where + ".", faults);
        }
    }
}

template <typename Message>
class Contract : public testing::Test {
protected:
    static constexpr std::string_view queue() { return Message::kQueue; }
    static json::object completed() {
        auto body = complete(queue(), contract_example(queue()), {});
        EXPECT_TRUE(body) << testing::PrintToString(body.error().details);
        return *body;
    }
};

using AllMessages =
    testing::Types<AgentMessage, AgentResponse, ApprovalRequest, ApprovalResponse, CentralCloudUpdate,
                   EmbeddingRequest, EmbeddingResult, JobRequest, JobResult, LlmRequest, LlmResult,
                   PatternDiscovery, PerformanceStat, QuestionRequest, QuestionResponse>;

struct NameOfQueue {
    template <typename Message>
    static std::string GetName(int) {
        return std::string(Message::kQueue);
    }
};
TYPED_TEST_SUITE(Contract, AllMessages, NameOfQueue);

TYPED_TEST(Contract, an_example_is_completed_and_keeps_what_its_sender_wrote) {
    const json::object body = TestFixture::completed();
    EXPECT_TRUE(validate(this->queue(), body));
    for (const auto& [name, value] : contract_example(this->queue())) EXPECT_EQ(body.at(name), value) << name;
}

TYPED_TEST(Contract, completing_twice_changes_nothing) {
    const json::object body = TestFixture::completed();
    EXPECT_EQ(complete(this->queue(), body, {}).value(), body);
}

TYPED_TEST(Contract, an_example_goes_to_its_struct_and_back) {
    const json::object body = TestFixture::completed();
    const auto message = from_json<TypeParam>(body);
    ASSERT_TRUE(message) << testing::PrintToString(message.error().details);
    const json::object written = to_json(*message);
    EXPECT_TRUE(validate(this->queue(), written));
    EXPECT_EQ(to_json(from_json<TypeParam>(written).value()), written);
    for (const auto& [name, value] : body) {
        ASSERT_TRUE(written.contains(name)) << name;
        if (value.is_string()) {
            EXPECT_EQ(written.at(name), value) << name;
        }
    }
}

TYPED_TEST(Contract, every_field_of_the_schema_goes_to_the_struct_and_back) {
    json::object full = sample(schema_of(this->queue())).as_object();
    if (full.contains("messages")) full["messages"].at(0).at("content") = "x";
    if (full.contains("body")) full["body"] = "x";
    ASSERT_TRUE(validate(this->queue(), full))
        << testing::PrintToString(validate(this->queue(), full).error().details);
    const auto message = from_json<TypeParam>(full);
    ASSERT_TRUE(message) << testing::PrintToString(message.error().details);
    EXPECT_EQ(to_json(*message), full);
}

TYPED_TEST(Contract, struct_schema_and_registry_agree) {
    const json::object schema = schema_of(this->queue());
    std::vector<std::string> differences;
    compare_fields<TypeParam>(schema, "", differences);
    look_through(schema, "", differences);
    EXPECT_THAT(differences, ElementsAre());
    const QueueContract* contract = find_contract(this->queue());
    EXPECT_EQ(schema.at("title").as_string(), contract->message);
    EXPECT_THAT(schema.at("required").as_array(), Contains(json::value(contract->key)));
    EXPECT_TRUE(
        schema.at("description").as_string().starts_with("Queue " + std::string(this->queue()) + ","));
}

TYPED_TEST(Contract, a_missing_required_field_is_refused_by_name) {
    const json::object schema = schema_of(this->queue());
    for (const json::value& required : schema.at("required").as_array()) {
        const std::string field(required.as_string());
        json::object body = TestFixture::completed();
        body.erase(field);
        const auto verdict = validate(this->queue(), body);
        ASSERT_FALSE(verdict) << field;
        EXPECT_EQ(verdict.error().code, core::ErrorCode::invalid_input);
        EXPECT_THAT(verdict.error().details, ElementsAre(field + ": is missing"));
    }
}

TYPED_TEST(Contract, a_mistyped_required_field_is_refused_by_name) {
    const json::object schema = schema_of(this->queue());
    for (const json::value& required : schema.at("required").as_array()) {
        const std::string field(required.as_string());
        json::object body = TestFixture::completed();
        body[field] = field == "approved" ? json::value("yes") : json::value(true);
        const auto refused = complete(this->queue(), body, {});
        ASSERT_FALSE(refused) << field;
        EXPECT_THAT(refused.error().details,
                    AllOf(Contains(StartsWith(field + ": a")), Each(StartsWith(field + ": "))));
    }
}

TYPED_TEST(Contract, an_optional_field_may_be_null_and_unknown_ones_are_kept) {
    json::object body = TestFixture::completed();
    const json::object schema = schema_of(this->queue());
    for (const auto& [name, property] : schema.at("properties").as_object()) {
        if (allows(property.as_object(), "null")) body[name] = nullptr;
    }
    body["mood"] = json::array{"sunny", nullptr};
    const auto kept = complete(this->queue(), body, {});
    ASSERT_TRUE(kept) << testing::PrintToString(kept.error().details);
    EXPECT_EQ(kept->at("mood"), body.at("mood"));
    EXPECT_TRUE(from_json<TypeParam>(*kept));
}

TYPED_TEST(Contract, an_unknown_schema_version_is_refused) {
    json::object body = TestFixture::completed();
    body["schema_version"] = 2;
    EXPECT_THAT(complete(this->queue(), body, {}).error().details,
                ElementsAre("schema_version: 2 is not known; 1 is"));
}

template <typename... Messages>
std::set<std::string_view> queues_of(testing::Types<Messages...>) {
    return {Messages::kQueue...};
}

TEST(Contracts, the_registry_names_the_queues_of_all_structs_and_all_schema_files_once) {
    std::set<std::string_view> queues, registered_files, files;
    for (const QueueContract& contract : queue_contracts()) {
        EXPECT_TRUE(queues.insert(contract.queue).second) << contract.queue;
        registered_files.insert(contract.schema);
        EXPECT_TRUE(contract.answers.empty() || find_contract(contract.answers)) << contract.answers;
    }
    for (const core::EmbeddedFile& file : schema_files()) files.insert(file.path);
    EXPECT_EQ(queues, queues_of(AllMessages()));
    EXPECT_EQ(registered_files, files);
}

TEST(Contracts, aliases_lead_to_their_queues) {
    EXPECT_EQ(find_contract("ai_requests"), find_contract("llm_requests"));
    EXPECT_EQ(find_contract("ai_results"), find_contract("llm_results"));
    EXPECT_EQ(find_contract("no_such_queue"), nullptr);
}

TEST(Contracts, answers_of_an_instance_have_a_queue_of_its_own) {
    EXPECT_EQ(queue_to("llm_results", "b"), "llm_results_b");
    EXPECT_EQ(queue_to("llm_results", kFirstInstance), "llm_results");
    EXPECT_EQ(queue_to("llm_results", ""), "llm_results");
    EXPECT_EQ(queue_to("llm_requests", "b"), "llm_requests");
    EXPECT_EQ(find_contract("llm_results_b"), find_contract("llm_results"));
    EXPECT_EQ(find_contract("llm_requests_b"), nullptr);
    EXPECT_EQ(find_contract("llm_resultsb"), nullptr);
}

}  // namespace
}  // namespace singularity::messages
