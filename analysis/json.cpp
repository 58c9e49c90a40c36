#include "analysis/json.hpp"

#include <utility>

#include <boost/json.hpp>

#include "core/format.hpp"

namespace singularity::analysis {
namespace {

namespace json = boost::json;

json::array to_array(const std::vector<std::string>& texts) {
    return json::array(texts.begin(), texts.end());
}

// Reads members one by one and keeps the first complaint.
class Reader {
public:
    Reader(const json::value& value, std::string_view what) : what_(what), object_(value.if_object()) {
        if (object_ == nullptr) complaint_ = core::format("{} is not a JSON object", what);
    }

    void read(std::string_view key, std::string& into) {
        if (const json::value* text = find(key, json::kind::string))
            into = std::string_view(text->get_string());
    }
    void read(std::string_view key, bool& into) {
        if (const json::value* flag = find(key, json::kind::bool_)) into = flag->get_bool();
    }
    void read(std::string_view key, std::int64_t& into) {
        if (const json::value* number = find(key, json::kind::int64)) into = number->get_int64();
    }
    void read(std::string_view key, int& into) {
        std::int64_t wide = into;
        read(key, wide);
        if (!std::in_range<int>(wide)) complain(key);
        into = static_cast<int>(wide);
    }
    void read(std::string_view key, double& into) {
        const json::value* value = member(key);
        if (value && value->is_number()) into = value->to_number<double>();
        if (value && !value->is_number()) complain(key);
    }
    void read(std::string_view key, std::vector<std::string>& into) {
        const json::array* texts = array(key);
        if (texts == nullptr) return;
        for (const json::value& each : *texts) {
            if (!each.is_string()) return complain(key);
            into.emplace_back(std::string_view(each.get_string()));
        }
    }
    const json::array* array(std::string_view key) {
        const json::value* value = find(key, json::kind::array);
        return value ? &value->get_array() : nullptr;
    }

    const std::string& complaint() const { return complaint_; }

private:
    const json::value* member(std::string_view key) {
        const json::value* value = object_ ? object_->if_contains(key) : nullptr;
        if (value == nullptr) complain(key);
        return value;
    }

    const json::value* find(std::string_view key, json::kind kind) {
        const json::value* value = member(key);
        if (value == nullptr || value->kind() == kind) return value;
        complain(key);
        return nullptr;
    }

    void complain(std::string_view key) {
        if (complaint_.empty()) complaint_ = core::format("{} has no valid \"{}\"", what_, key);
    }

    std::string_view what_;
    const json::object* object_;
    std::string complaint_;
};

core::Expected<Occurrence> occurrence_from(const json::value& value) {
    Reader reader(value, "an occurrence");
    Occurrence result;
    reader.read("idiom", result.idiom);
    reader.read("language", result.language);
    reader.read("shape", result.shape);
    reader.read("shape_hash", result.shape_hash);
    reader.read("pattern_name", result.pattern_name);
    reader.read("description", result.description);
    reader.read("function", result.function);
    reader.read("start_line", result.start_line);
    reader.read("end_line", result.end_line);
    reader.read("confidence", result.confidence);
    reader.read("snippet", result.snippet);
    reader.read("elements", result.elements);
    reader.read("against", result.against);
    reader.read("lacks", result.lacks);
    if (!reader.complaint().empty()) return core::failure(core::ErrorCode::invalid_input, reader.complaint());
    return result;
}

}  // namespace

json::value to_json(const Occurrence& occurrence) {
    return json::object{
        {"idiom", occurrence.idiom},
        {"language", occurrence.language},
        {"shape", occurrence.shape},
        {"shape_hash", occurrence.shape_hash},
        {"pattern_name", occurrence.pattern_name},
        {"description", occurrence.description},
        {"function", occurrence.function},
        {"start_line", occurrence.start_line},
        {"end_line", occurrence.end_line},
        {"confidence", occurrence.confidence},
        {"snippet", occurrence.snippet},
        {"elements", to_array(occurrence.elements)},
        {"against", to_array(occurrence.against)},
        {"lacks", to_array(occurrence.lacks)},
    };
}

json::value to_json(const FileAnalysis& analysis) {
    json::array occurrences;
    occurrences.reserve(analysis.occurrences.size());
    for (const Occurrence& each : analysis.occurrences) occurrences.push_back(to_json(each));
    return json::object{
        {"analyzer_version", kAnalyzerVersion},
        {"path", analysis.path},
        {"folder", analysis.folder},
        {"language", analysis.language},
        {"content_hash", analysis.content_hash},
        {"bytes", analysis.bytes},
        {"functions", analysis.functions},
        {"broken_functions", analysis.broken_functions},
        {"incomplete", analysis.incomplete},
        {"limit_reached", analysis.limit_reached},
        {"occurrences", std::move(occurrences)},
    };
}

core::Expected<FileAnalysis> file_analysis_from_json(const json::value& value) {
    Reader reader(value, "a file's analysis");
    FileAnalysis result;
    reader.read("path", result.path);
    reader.read("folder", result.folder);
    reader.read("language", result.language);
    reader.read("content_hash", result.content_hash);
    reader.read("bytes", result.bytes);
    reader.read("functions", result.functions);
    reader.read("broken_functions", result.broken_functions);
    reader.read("incomplete", result.incomplete);
    reader.read("limit_reached", result.limit_reached);
    const json::array* occurrences = reader.array("occurrences");
    if (!reader.complaint().empty()) return core::failure(core::ErrorCode::invalid_input, reader.complaint());
    for (const json::value& each : *occurrences) {
        auto occurrence = occurrence_from(each);
        if (!occurrence) return std::unexpected(std::move(occurrence.error()));
        result.occurrences.push_back(std::move(*occurrence));
    }
    return result;
}

}  // namespace singularity::analysis
