#include "analysis/snippet.hpp"

#include <algorithm>
#include <vector>

namespace singularity::analysis {
namespace {

std::string_view trimmed(std::string_view line) {
    const std::size_t last = line.find_last_not_of(" \t\r");
    return last == std::string_view::npos ? std::string_view() : line.substr(0, last + 1);
}

std::string_view cut_at_character(std::string_view text, std::size_t limit) {
    if (text.size() <= limit) return text;
    while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0) == 0x80) --limit;
    return text.substr(0, limit);
}

std::size_t indentation(const std::vector<std::string_view>& lines) {
    std::size_t shared = std::string_view::npos;
    for (const std::string_view line : lines)
        if (!line.empty()) shared = std::min(shared, line.find_first_not_of(" \t"));
    return shared == std::string_view::npos ? 0 : shared;
}

}  // namespace

std::string snippet(std::string_view text, std::size_t begin, std::size_t end) {
    begin = std::min(begin, text.size());
    const std::size_t before = begin == 0 ? std::string_view::npos : text.rfind('\n', begin - 1);
    std::size_t position = before == std::string_view::npos ? 0 : before + 1;
    std::vector<std::string_view> lines;
    while (position < std::min(end, text.size()) && lines.size() < kSnippetLines) {
        const std::size_t newline = std::min(text.find('\n', position), text.size());
        lines.push_back(trimmed(text.substr(position, newline - position)));
        position = newline + 1;
    }
    const std::size_t indent = indentation(lines);
    std::string result;
    for (const std::string_view line : lines) {
        const std::string_view shown = line.substr(std::min(indent, line.size()));
        if (result.empty()) {
            result = cut_at_character(shown, kSnippetBytes - 1);
        } else {
            if (result.size() + shown.size() + 1 >= kSnippetBytes) break;
            result += shown;
        }
        result += '\n';
    }
    return result;
}

}  // namespace singularity::analysis
