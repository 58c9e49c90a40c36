#include "messages/times.hpp"

#include <algorithm>
#include <chrono>

namespace singularity::messages {

namespace {

constexpr std::string_view kDigits = "0123456789";

// A digit where `shape` has one; T may be t or a blank.
bool fits(char c, char shape) {
    if (shape == '0') return kDigits.contains(c);
    return c == shape || (shape == 'T' && (c == 't' || c == ' '));
}

bool takes(std::string_view& text, std::string_view shape) {
    if (text.size() < shape.size() || !std::ranges::equal(text.substr(0, shape.size()), shape, fits))
        return false;
    text.remove_prefix(shape.size());
    return true;
}

unsigned number(std::string_view digits) {
    unsigned value = 0;
    for (const char c : digits) value = value * 10 + static_cast<unsigned>(c - '0');
    return value;
}

bool exists(std::string_view text) {
    const std::chrono::year_month_day day{std::chrono::year(static_cast<int>(number(text.substr(0, 4)))),
                                          std::chrono::month(number(text.substr(5, 2))),
                                          std::chrono::day(number(text.substr(8, 2)))};
    return number(text.substr(0, 4)) > 0 && day.ok() && number(text.substr(11, 2)) < 24 &&
           number(text.substr(14, 2)) < 60 && number(text.substr(17, 2)) <= 60;
}

bool is_offset(std::string_view text) {
    if (text == "Z" || text == "z") return true;
    std::string_view rest = text;
    return (takes(rest, "+00:00") || takes(rest, "-00:00")) && rest.empty() &&
           number(text.substr(1, 2)) < 16 && number(text.substr(4, 2)) < 60;
}

}  // namespace

bool is_time(std::string_view text) {
    std::string_view rest = text;
    if (!takes(rest, "0000-00-00T00:00:00") || !exists(text)) return false;
    if (takes(rest, ".0")) rest.remove_prefix(std::min(rest.find_first_not_of(kDigits), rest.size()));
    return is_offset(rest);
}

}  // namespace singularity::messages
