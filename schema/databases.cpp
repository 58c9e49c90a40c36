#include "schema/databases.hpp"

#include <algorithm>
#include <boost/asio.hpp>

#include "core/format.hpp"
#include "core/log.hpp"

namespace singularity::schema {

namespace {

using pgclient::Connection;
using pgclient::Query;
using pgclient::Task;

const DatabasePlan kPlans[] = {
    {.part = "shared_queue",
     .extensions = {"sg_ulid", "sg_queue", "pgmq"},
     .guests = {"console", "singularity", "genesis", "nexus"},
     .queue_users = {"singularity", "genesis", "nexus"},
     .has_queues = true,
     .owner_sees_keys = true},
    {.part = "centralcloud",
     .extensions = {"sg_ulid", "sg_statistics", "vector"},
     .guests = {"console", "replication"},
     .has_central = true},
    {.part = "singularity",
     .extensions = {"sg_ulid", "sg_queue", "pgmq", "vector", "h3"},
     .guests = {"console", "nexus"},
     .has_queues = true,
     .has_central = true},
    {.part = "genesis",
     .extensions = {"sg_ulid", "sg_queue", "pgmq"},
     .guests = {"console", "nexus"},
     .has_queues = true,
     .has_central = true},
    {.part = "nexus",
     .extensions = {"sg_ulid", "sg_queue", "pgmq"},
     .guests = {"console"},
     .has_queues = true},
};

constexpr Query kDatabaseState{
    "databases.state",
    "select coalesce(array_to_string(s.setconfig, ';'), '') as settings,"
    " exists (select from aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a where a.grantee = 0)"
    "  as open_to_public,"
    " array(select guest from unnest($2::text[]) as guest where not exists (select from aclexplode(d.datacl) "
    "a"
    "  where a.grantee = guest::regrole and a.privilege_type = 'CONNECT')) as uninvited"
    " from pg_database d left join pg_db_role_setting s on s.setdatabase = d.oid and s.setrole = 0"
    " where d.datname = $1::text"};

struct DatabaseState {
    std::string settings;
    bool open_to_public = false;
    std::vector<std::string> uninvited;  // guests without a right of their own to connect
};

constexpr Query kOpenDatabases{
    "databases.open_to_public",
    "select d.datname::text from pg_database d"
    " where d.datname in ('postgres', 'template1') and exists (select from"
    "  aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a where a.grantee = 0)"};

constexpr Query kInstalledExtensions{"databases.extensions", "select extname::text from pg_extension"};

// Roles whose functions would be everybody's to execute, if they made any.
constexpr Query kGenerousRoles{
    "databases.generous_roles",
    "select role from unnest($1::text[]) as role where not exists (select from pg_default_acl a"
    " where a.defaclrole = role::regrole and a.defaclnamespace = 0 and a.defaclobjtype = 'f')"};

constexpr Query kSchemaState{
    "databases.schemas",
    "select to_regnamespace('central') is not null as has_central,"
    " to_regnamespace('pgmq') is not null and to_regclass('pgmq.meta') is not null"
    "  and has_schema_privilege($1::text, to_regnamespace('pgmq'), 'create')"
    "  and has_table_privilege($1::text, to_regclass('pgmq.notify_insert_throttle'), 'delete') as "
    "owner_has_queues,"
    " to_regclass('queue.unique_keys') is not null"
    "  and has_table_privilege($1::text, to_regclass('queue.unique_keys'), 'select') as owner_sees_keys,"
    " array(select guest from unnest($2::text[]) as guest where to_regnamespace('pgmq') is not null"
    "  and not has_schema_privilege(guest, to_regnamespace('pgmq'), 'usage')) as without_queues"};

struct SchemaState {
    bool has_central = false;
    bool owner_has_queues = false;
    bool owner_sees_keys = false;
    std::vector<std::string> without_queues;
};

constexpr Query kInstance{
    "databases.claim",
    "with claimed as (insert into public.instance (id) values ($1) on conflict do nothing returning id)"
    " select id from claimed union all select id from public.instance limit 1"};

std::string search_path_of(const DatabasePlan& plan) {
    return plan.has_central ? "public, central" : "public";
}

// Which versions there are, only PostgreSQL knows: pg_available_extensions does not look into
// extension_destdir. Updating one that is up to date changes nothing and says so in a notice.
Task<void> ensure_extensions(Connection& session, const DatabasePlan& plan) {
    const auto installed = co_await session.rows<std::string>(kInstalledExtensions);
    std::string statements = "set local client_min_messages = warning;";
    for (const std::string& extension : plan.extensions) {
        statements += std::ranges::contains(installed, extension)
                          ? core::format("alter extension {} update;", extension)
                          : core::format("create extension {};", extension);
    }
    co_await session.script(statements);
}

}  // namespace

const DatabasePlan& plan_of(std::string_view part) {
    return *std::ranges::find(kPlans, part, &DatabasePlan::part);
}

Task<void> ensure_database(Connection& session, const Database& database) {
    const DatabasePlan& plan = plan_of(database.part);
    auto state = co_await session.maybe<DatabaseState>(kDatabaseState, database.name, plan.guests);
    if (!state) {
        co_await session.script(
            core::format("create database {} owner {} template template0", database.name, database.owner));
        core::log::info("bootstrap.database", {{"database", database.name}});
        state = co_await session.one<DatabaseState>(kDatabaseState, database.name, plan.guests);
    }
    std::string statements;
    if (state->open_to_public)
        statements += core::format("revoke all on database {} from public;", database.name);
    for (const std::string& guest : state->uninvited) {
        statements += core::format("grant connect on database {} to {};", database.name, guest);
    }
    if (state->settings != "search_path=" + search_path_of(plan)) {
        statements +=
            core::format("alter database {} set search_path = {};", database.name, search_path_of(plan));
    }
    if (!statements.empty()) co_await session.script(statements);
}

Task<void> close_other_databases(Connection& session) {
    for (const std::string& name : co_await session.rows<std::string>(kOpenDatabases)) {
        co_await session.script(core::format("revoke all on database {} from public", name));
    }
}

Task<void> prepare_database(Connection& session, const Database& database) {
    const DatabasePlan& plan = plan_of(database.part);
    co_await ensure_extensions(session, plan);
    const auto state = co_await session.one<SchemaState>(kSchemaState, database.owner, plan.queue_users);
    std::string statements;
    if (plan.has_central && !state.has_central) {
        statements += core::format(
            "create schema central authorization {0};"
            "comment on schema central is 'What CentralCloud publishes and its replicas; owned by role "
            "{0}.';",
            kCentralRole);
    }
    if (plan.has_queues && !state.owner_has_queues) {
        statements += core::format(
            "grant usage, create on schema pgmq to {0}; grant select, insert, delete on pgmq.meta to {0};"
            " grant select, insert, update, delete on pgmq.notify_insert_throttle to {0};",
            database.owner);
    }
    if (plan.owner_sees_keys && !state.owner_sees_keys) {
        statements += core::format("grant select on queue.unique_keys to {};", database.owner);
    }
    for (const std::string& guest : state.without_queues) {
        statements += core::format("grant usage on schema pgmq to {};", guest);
    }
    std::vector<std::string> owners = {database.owner};
    if (plan.has_central) owners.emplace_back(kCentralRole);
    for (const std::string& owner : co_await session.rows<std::string>(kGenerousRoles, owners)) {
        statements += core::format(
            "alter default privileges for role {} revoke execute on functions from public;", owner);
    }
    if (!statements.empty()) co_await session.script(statements);
}

Task<core::Expected<void>> claim_for_instance(Connection& session, const std::string& instance_id) {
    const auto owner = co_await session.one<std::string>(kInstance, instance_id);
    if (owner == instance_id) co_return core::Expected<void>();
    co_return core::failure(
        core::ErrorCode::refused,
        core::format("this database belongs to instance \"{}\", not to \"{}\"", owner, instance_id),
        {"set instance_id (SINGULARITY_INSTANCE_ID) to the instance that this home was made for"});
}

}  // namespace singularity::schema
