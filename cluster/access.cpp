#include "cluster/access.hpp"

#include <array>
#include <string_view>

#include "cluster/replace_file.hpp"
#include "core/format.hpp"

namespace singularity::cluster {

namespace {

// The services, the console that reads, and the role that subscriptions connect as.
constexpr std::array<std::string_view, 6> kLoginRoles = {"singularity", "centralcloud", "genesis",
                                                         "nexus",       "console",      "replication"};

std::string in_quotes(std::string_view name) {
    return core::format("\"{}\"", name);
}

std::string hba_line(std::string_view database, std::string_view role, std::string_view method) {
    return core::format("local   {:12} {:15} {}\n", database, in_quotes(role), method);
}

std::string ident_line(std::string_view system_user) {
    return core::format("operator   {:15} \"postgres\"\n", in_quotes(system_user));
}

}  // namespace

std::string hba_text() {
    std::string text =
        "# Written by `singularity up` at every start: local sockets only, nothing else.\n"
        "# TYPE  DATABASE     ROLE            METHOD\n";
    text += hba_line("all", "postgres", "peer map=operator");
    text += hba_line("replication", "postgres", "peer map=operator");  // pg_basebackup
    for (const std::string_view role : kLoginRoles) text += hba_line("all", role, "scram-sha-256");
    return text + "include_if_exists \"../operator_hba.conf\"\n";
}

std::string ident_text(const std::string& owner) {
    std::string text =
        "# Written by `singularity up` at every start: whom the operating system vouches for.\n"
        "# MAP     SYSTEM USER     ROLE\n";
    text += ident_line("root");
    if (owner != "root") text += ident_line(owner);
    return text + "include_if_exists \"../operator_ident.conf\"\n";
}

core::Expected<void> write_access(const Home& home, const std::string& owner) {
    return replace_if_different(home.data() / "pg_hba.conf", hba_text(), 0600)
        .and_then([&](bool) {
            return replace_if_different(home.data() / "pg_ident.conf", ident_text(owner), 0600);
        })
        .transform([](bool) {});
}

}  // namespace singularity::cluster
