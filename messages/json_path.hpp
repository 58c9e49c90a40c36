// Where in a JSON document a value stands ("evidence[3].confidence"), put into words only when something is
// wrong there: until then a path is a chain of steps on the stack.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace singularity::messages {

// Refers to its outer path and to the name: both must outlive it.
class JsonPath {
public:
    JsonPath() = default;  // the document itself
    JsonPath(const JsonPath& outer, std::string_view name) : outer_(&outer), name_(name) {}
    JsonPath(const JsonPath& outer, std::size_t index) : outer_(&outer), index_(index) {}
    JsonPath(const JsonPath&) = delete;
    JsonPath& operator=(const JsonPath&) = delete;

    // Empty for the document itself. Printable whatever the names hold: control characters and bytes that
    // are no ASCII are written as \xNN, long names are cut.
    std::string text() const;

private:
    static constexpr std::size_t kNamed = static_cast<std::size_t>(-1);

    const JsonPath* outer_ = nullptr;
    std::string_view name_;
    std::size_t index_ = kNamed;
};

}  // namespace singularity::messages
