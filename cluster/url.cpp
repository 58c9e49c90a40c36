#include "cluster/url.hpp"

#include <algorithm>

#include "cluster/sockets.hpp"
#include "core/format.hpp"
#include "schema/names.hpp"

namespace singularity::cluster {

namespace {

constexpr std::string_view kAdmin = "admin";

// RFC 3986's unreserved characters, and the slash, which a query may carry as it is.
std::string percent_encoded(std::string_view text) {
    std::string result;
    for (const char character : text) {
        const auto byte = static_cast<unsigned char>(character);
        const bool plain = (byte >= '0' && byte <= '9') || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z') ||
                           std::string_view("-._~/").contains(character);
        result += plain ? std::string(1, character) : core::format("%{:02X}", byte);
    }
    return result;
}

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

}  // namespace

core::Expected<std::string> database_url(const core::Config& config, std::string_view database,
                                         std::string_view role) {
    const auto names = database_names();
    if (!std::ranges::contains(names, database)) {
        return core::failure(core::ErrorCode::not_found,
                             core::format("there is no database \"{}\"", database),
                             {core::format("there are: {}", joined(names))});
    }
    const auto elsewhere = config.database_urls.find(std::string(database));
    if (elsewhere != config.database_urls.end()) return elsewhere->second;
    const auto home = Home::at(config.home);
    if (!home) return std::unexpected(home.error());
    const auto sockets = sockets_of(*home);
    if (!sockets) return std::unexpected(sockets.error());
    if (database == kAdmin) return admin_url(*sockets);
    const auto found = schema::database_of(database, config.instance_id);
    return role_url(*home, *sockets, found.name, role.empty() ? found.owner : role);
}

std::vector<std::string> database_names() {
    std::vector<std::string> names(schema::parts().begin(), schema::parts().end());
    names.emplace_back(kAdmin);
    return names;
}

// The port is part of the socket's name; it is written out because PGPORT would otherwise change it.
std::string admin_url(const std::filesystem::path& sockets) {
    return core::format("postgresql://postgres@/postgres?host={}&port={}", percent_encoded(sockets.native()),
                        kPort);
}

std::string role_url(const Home& home, const std::filesystem::path& sockets, std::string_view database,
                     std::string_view role) {
    return core::format("postgresql://{}@/{}?host={}&port={}&passfile={}", role, database,
                        percent_encoded(sockets.native()), kPort, percent_encoded(home.passfile().native()));
}

}  // namespace singularity::cluster
