#include "schema/migrations.hpp"

#include <charconv>
#include <stdexcept>

#include "core/format.hpp"
#include "schema/sql_files.hpp"

namespace singularity::schema {

namespace {

int version_of(std::string_view name) {
    int version = 0;
    std::from_chars(name.data(), name.data() + name.size(), version);
    return version;
}

}  // namespace

std::vector<pgclient::Migration> migrations_of(std::string_view part) {
    const std::string folder = core::format("{}/", part);
    std::vector<pgclient::Migration> migrations;
    for (const core::EmbeddedFile& file : sql_files()) {
        if (!file.path.starts_with(folder)) continue;
        const std::string_view name = file.path.substr(folder.size());
        migrations.push_back({.version = version_of(name), .name = name, .text = file.text});
    }
    return migrations;
}

std::string_view operator_script(std::string_view name) {
    const std::string path = core::format("operator/{}", name);
    for (const core::EmbeddedFile& file : sql_files()) {
        if (file.path == path) return file.text;
    }
    throw std::out_of_range(core::format("schema/{} is not part of this program", path));
}

}  // namespace singularity::schema
