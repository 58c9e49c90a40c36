#include "roles_matrix.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace singularity::schema::test {

namespace {

std::string trimmed(const std::string& text) {
    const auto begin = text.find_first_not_of(" `");
    if (begin == std::string::npos) return {};
    std::string result = text.substr(begin, text.find_last_not_of(" `") - begin + 1);
    std::erase(result, '`');
    return result == "–" ? "" : result;
}

std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts;
    std::istringstream stream(text);
    for (std::string part; std::getline(stream, part, separator);) parts.push_back(trimmed(part));
    return parts;
}

// The cells of "| a | b |"; none for a rule or a line that is no row.
std::vector<std::string> cells(const std::string& line) {
    if (!line.starts_with("| ")) return {};
    std::vector<std::string> result = split(line.substr(1), '|');
    return result;
}

}  // namespace

RolesMatrix read_roles_matrix(const std::filesystem::path& markdown) {
    std::ifstream file(markdown);
    if (!file) throw std::runtime_error("cannot read " + markdown.string());
    RolesMatrix matrix;
    std::string database;
    bool heading = false;  // the next row names the columns
    bool queues = false;
    for (std::string line; std::getline(file, line);) {
        constexpr std::string_view kDatabase = "## Database ";
        if (line.starts_with("## ")) {
            database = line.starts_with(kDatabase) ? trimmed(line.substr(kDatabase.size())) : "";
            queues = line == "## Queues of the bus";
            heading = true;
            continue;
        }
        const auto row = cells(line);
        if (row.size() < 3 || line.starts_with("|-")) continue;
        if (std::exchange(heading, false)) continue;
        if (queues) matrix.queues.push_back({row[0], split(row[1], ','), split(row[2], ',')});
        if (!database.empty()) matrix.objects[database][row[0]] = {row[1], row[2]};
    }
    return matrix;
}

}  // namespace singularity::schema::test
