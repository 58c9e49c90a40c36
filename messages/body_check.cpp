#include "messages/body_check.hpp"

#include <array>
#include <boost/json/serializer.hpp>
#include <boost/json/value.hpp>
#include <cmath>

#include "core/format.hpp"
#include "messages/blob_references.hpp"
#include "messages/json_path.hpp"
#include "messages/utf8.hpp"

namespace singularity::messages {

namespace {

namespace json = boost::json;

constexpr std::size_t kMostProblems = 10;

class TextCheck {
public:
    std::vector<std::string> problems;

    void look_at(const json::value& value, const JsonPath& path, std::size_t depth) {
        if (problems.size() >= kMostProblems) return;
        if (depth > kMaxDepth) return report(path, core::format("nests deeper than {} levels", kMaxDepth));
        switch (value.kind()) {
            case json::kind::string: return look_at_text(value.get_string(), path, "");
            case json::kind::array: return look_at_elements(value.get_array(), path, depth);
            case json::kind::object: return look_at_members(value.get_object(), path, depth);
            case json::kind::double_:
                if (!std::isfinite(value.get_double())) report(path, "the number is not finite");
                return;
            default: return;
        }
    }

    void look_at_members(const json::object& object, const JsonPath& path, std::size_t depth) {
        if (reference_of(object)) report(path, "what looks like a reference to a blob is kept for these");
        for (const auto& [name, value] : object) {
            const JsonPath member(path, name);
            look_at_text(name, member, "the name ");
            look_at(value, member, depth + 1);
        }
    }

private:
    void look_at_elements(const json::array& array, const JsonPath& path, std::size_t depth) {
        for (std::size_t i = 0; i < array.size(); ++i) look_at(array[i], JsonPath(path, i), depth + 1);
    }

    void look_at_text(std::string_view text, const JsonPath& path, std::string_view what) {
        switch (fault_of(text)) {
            case TextFault::none: return;
            case TextFault::nul:
                return report(path, core::format("{}holds NUL, which no queue can keep", what));
            case TextFault::not_utf8: return report(path, core::format("{}is no valid UTF-8", what));
            case TextFault::surrogate:
                return report(path, core::format("{}holds a lone surrogate, which is no text", what));
        }
    }

    void report(const JsonPath& path, std::string_view what) {
        if (problems.size() >= kMostProblems) return;
        const std::string where = path.text();
        problems.push_back(where.empty() ? std::string(what) : core::format("{}: {}", where, what));
    }
};

template <typename Json>
std::size_t size_of(const Json& document, std::size_t stop_at) {
    std::array<char, 16 * 1024> piece;
    json::serializer serializer;
    serializer.reset(&document);
    std::size_t size = 0;
    while (!serializer.done() && size < stop_at) size += serializer.read(piece.data(), piece.size()).size();
    return size;
}

}  // namespace

std::size_t serialized_size(const json::value& value, std::size_t stop_at) {
    return size_of(value, stop_at);
}

std::size_t serialized_size(const json::object& body, std::size_t stop_at) {
    return size_of(body, stop_at);
}

std::vector<std::string> text_problems(const json::object& body) {
    TextCheck check;
    check.look_at_members(body, JsonPath(), 0);
    return std::move(check.problems);
}

}  // namespace singularity::messages
