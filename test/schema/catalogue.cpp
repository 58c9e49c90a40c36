#include "catalogue.hpp"

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace singularity::schema::test {

namespace {

std::string query(const std::string& name) {
    const std::string path = std::string(SINGULARITY_SOURCE_DIR) + "/test/schema/queries/" + name;
    std::ifstream file(path);
    if (!file) throw std::runtime_error("cannot read " + path);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> about_ours(Database& database, const std::string& name) {
    database.script("drop view if exists pg_temp.ours;" + query("ours.sql"));
    return database.column(query(name));
}

}  // namespace

std::map<std::string, Rights> rights_in(Database& database) {
    std::map<std::string, Rights> result;
    for (const std::string& line : about_ours(database, "rights.sql")) {
        const auto first = line.find('\t');
        const auto second = line.find('\t', first + 1);
        result[line.substr(0, first)] = {line.substr(first + 1, second - first - 1), line.substr(second + 1)};
    }
    return result;
}

std::vector<std::string> objects_without_comment(Database& database) {
    return about_ours(database, "uncommented.sql");
}

std::vector<std::string> functions_without_search_path(Database& database) {
    return about_ours(database, "unpinned.sql");
}

}  // namespace singularity::schema::test
