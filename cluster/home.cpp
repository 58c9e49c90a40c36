#include "cluster/home.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "core/format.hpp"

namespace singularity::cluster {

namespace {

// Lists of paths in PostgreSQL's settings split at these, libpq splits hosts at the comma.
constexpr std::string_view kForbidden = ":,'\"\\";

constexpr std::array<std::string_view, 13> kNames = {"pg",
                                                     "pg.new",
                                                     "extensions",
                                                     "keys",
                                                     "log",
                                                     "state",
                                                     "singularity.toml",
                                                     "notify",
                                                     "operator.conf",
                                                     "operator_hba.conf",
                                                     "operator_ident.conf",
                                                     "lost+found",
                                                     ".s.PGSQL.5432"};

bool forbidden(char character) {
    return static_cast<unsigned char>(character) < ' ' || character == '\x7f' ||
           kForbidden.contains(character);
}

}  // namespace

core::Expected<Home> Home::at(const std::filesystem::path& root) {
    if (!root.is_absolute()) {
        return core::failure(core::ErrorCode::invalid_input,
                             core::format("the home \"{}\" is not an absolute path", root.string()));
    }
    const std::string& text = root.native();
    if (std::ranges::any_of(text, forbidden)) {
        return core::failure(
            core::ErrorCode::invalid_input,
            core::format("the home \"{}\" has a character that PostgreSQL's settings cannot carry", text),
            {core::format("choose a path without control characters and without any of {}", kForbidden)});
    }
    std::filesystem::path normal = root.lexically_normal();
    if (!normal.has_filename()) normal = normal.parent_path();
    if (normal == normal.root_path()) {
        return core::failure(core::ErrorCode::invalid_input, "the root of the file system cannot be a home");
    }
    return Home(std::move(normal));
}

std::string Home::hash() const {
    std::uint32_t hash = 2166136261U;
    for (const char character : root_.native()) {
        hash = (hash ^ static_cast<unsigned char>(character)) * 16777619U;
    }
    return core::format("{:08x}", hash);
}

bool Home::knows(const std::string& name) {
    return std::ranges::contains(kNames, name) || name.starts_with(".s.PGSQL.");
}

}  // namespace singularity::cluster
