#include "schema/roles.hpp"

#include <boost/asio.hpp>
#include <map>
#include <string>
#include <vector>

#include "core/format.hpp"
#include "core/log.hpp"
#include "schema/passfile.hpp"
#include "schema/scram.hpp"
#include "schema/sql_text.hpp"

namespace singularity::schema {

namespace {

using pgclient::Connection;
using pgclient::Query;
using pgclient::Task;

// People look through the console's role: it only reads, and not for long.
constexpr Role kRoles[] = {
    {"singularity", "login", ""},
    {"centralcloud", "login", ""},
    {"genesis", "login", ""},
    {"nexus", "login", ""},
    {"console", "login", "default_transaction_read_only=on;statement_timeout=30s"},
    {"replication", "login replication", ""},
    {"central", "nologin", ""},
};

constexpr Query kRoleStates{
    "roles.states",
    "select r.rolname::text as name, coalesce(r.rolpassword, '') as verifier,"
    " coalesce(array_to_string(s.setconfig, ';'), '') as settings"
    " from pg_authid r left join pg_db_role_setting s on s.setrole = r.oid and s.setdatabase = 0"
    " where r.rolname = any ($1::text[])"};

struct RoleState {
    std::string name;
    std::string verifier;
    std::string settings;
};

bool logs_in(const Role& role) {
    return role.attributes.starts_with("login");
}

std::string set_settings(const Role& role) {
    std::string statements;
    std::string_view rest = role.settings;
    while (!rest.empty()) {
        const std::string_view setting = rest.substr(0, rest.find(';'));
        const std::size_t equals = setting.find('=');
        statements += core::format("alter role {} set {} = {};", role.name, setting.substr(0, equals),
                                   literal(setting.substr(equals + 1)));
        rest.remove_prefix(std::min(setting.size() + 1, rest.size()));
    }
    return statements;
}

// Empty if the role is as it should be.
std::string changes(const Role& role, const RoleState* state, const Passfile& passfile) {
    std::string statements;
    const std::string password = passfile.password_of(role.name).value_or("");
    if (!state) {
        statements = core::format("create role {} {}", role.name, role.attributes);
        if (logs_in(role)) statements += core::format(" password {}", literal(scram_verifier(password)));
        statements += ';';
    } else if (logs_in(role) && !scram_matches(state->verifier, password)) {
        statements = core::format("alter role {} password {};", role.name, literal(scram_verifier(password)));
    }
    if ((state ? state->settings : "") != role.settings) statements += set_settings(role);
    return statements;
}

}  // namespace

std::span<const Role> roles() {
    return kRoles;
}

Task<void> ensure_roles(Connection& session, const std::filesystem::path& passfile) {
    Passfile passwords = Passfile::read(passfile);
    bool unwritten = false;
    std::vector<std::string> names;
    for (const Role& role : kRoles) {
        names.emplace_back(role.name);
        if (!logs_in(role) || passwords.password_of(role.name)) continue;
        unwritten |= passwords.set({.user = std::string(role.name), .password = random_password()});
    }
    if (unwritten) passwords.write();

    std::map<std::string, RoleState, std::less<>> known;
    for (RoleState& state : co_await session.rows<RoleState>(kRoleStates, names)) {
        known.emplace(state.name, std::move(state));
    }
    for (const Role& role : kRoles) {
        const auto state = known.find(role.name);
        const std::string statements =
            changes(role, state == known.end() ? nullptr : &state->second, passwords);
        if (statements.empty()) continue;
        co_await session.script(statements);
        core::log::info("bootstrap.role", {{"role", role.name}});
    }
}

}  // namespace singularity::schema
