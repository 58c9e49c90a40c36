// Structured logging to standard error: one event a line.
//
// An event has a name ("queue.message_refused") and fields. On a terminal a line is text for people;
// otherwise it is one JSON object for machines. Values are never payloads, SQL parameters or secrets:
// callers pass names, ids, counts and durations. Thread-safe.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace singularity::core::log {

enum class Level { debug, info, warn, error };
enum class Format { automatic, text, json };

class Value {
public:
    Value(const char* text) : value_(std::string(text)) {}
    Value(std::string text) : value_(std::move(text)) {}
    Value(std::string_view text) : value_(std::string(text)) {}
    Value(bool flag) : value_(flag) {}
    Value(double number) : value_(number) {}
    template <typename Integer>
        requires std::is_integral_v<Integer>
    Value(Integer number) : value_(static_cast<std::int64_t>(number)) {}

    const auto& get() const { return value_; }

private:
    std::variant<std::string, bool, double, std::int64_t> value_;
};

struct Field {
    std::string_view key;
    Value value;
};
using Fields = std::initializer_list<Field>;

// `service` stands in every line: which process of the backbone speaks.
void configure(Level level, Format format, std::string_view service);

void write(Level level, std::string_view event, Fields fields);

inline void debug(std::string_view event, Fields fields = {}) {
    write(Level::debug, event, fields);
}
inline void info(std::string_view event, Fields fields = {}) {
    write(Level::info, event, fields);
}
inline void warn(std::string_view event, Fields fields = {}) {
    write(Level::warn, event, fields);
}
inline void error(std::string_view event, Fields fields = {}) {
    write(Level::error, event, fields);
}

// The two renderings, without the I/O. `time` is RFC 3339.
std::string as_text(Level level, std::string_view time, std::string_view service, std::string_view event,
                    Fields fields);
std::string as_json(Level level, std::string_view time, std::string_view service, std::string_view event,
                    Fields fields);

}  // namespace singularity::core::log
