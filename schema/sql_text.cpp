#include "schema/sql_text.hpp"

namespace singularity::schema {

namespace {

std::string quoted(std::string_view text, char quote) {
    std::string result(1, quote);
    for (const char character : text) {
        if (character == quote) result += quote;
        result += character;
    }
    return result + quote;
}

}  // namespace

std::string literal(std::string_view text) {
    return quoted(text, '\'');
}

std::string identifier(std::string_view name) {
    return quoted(name, '"');
}

std::string conninfo_setting(std::string_view key, std::string_view value) {
    std::string result = std::string(key) + "='";
    for (const char character : value) {
        if (character == '\'' || character == '\\') result += '\\';
        result += character;
    }
    return result + "'";
}

std::string with_database(std::string_view dsn, std::string_view database) {
    std::string result(dsn);
    if (!dsn.starts_with("postgresql://") && !dsn.starts_with("postgres://")) {
        return result + " " + conninfo_setting("dbname", database);
    }
    return result + (dsn.contains('?') ? "&" : "?") + "dbname=" + std::string(database);
}

}  // namespace singularity::schema
