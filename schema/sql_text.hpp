// Values inside statements that take no parameters, such as create role and create subscription.
#pragma once

#include <string>
#include <string_view>

namespace singularity::schema {

// 'it''s': a string literal under standard_conforming_strings. The text holds no NUL.
std::string literal(std::string_view text);

// "name": a quoted identifier.
std::string identifier(std::string_view name);

// key='it\'s': one setting of a libpq connection string.
std::string conninfo_setting(std::string_view key, std::string_view value);

// The same server and user, another database. Works for URLs and keyword strings, in which the last
// dbname counts.
std::string with_database(std::string_view dsn, std::string_view database);

}  // namespace singularity::schema
