#include "pgclient/migrator.hpp"

#include "core/format.hpp"
#include "pgclient/sql_split.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>

namespace singularity::pgclient {

namespace {

using std::chrono::milliseconds;

// Any number that no other advisory lock of the database has: "sgmigrat" in ASCII.
constexpr std::int64_t kLock = 0x73676d6967726174;
constexpr milliseconds kLockPause{100};

// Waiting for the lock in the server would hold a snapshot, for which `create index concurrently` waits.
constexpr Query kTryLock{"migrate: try lock", "select pg_try_advisory_lock($1)"};
constexpr Query kUnlock{"migrate: unlock", "select pg_advisory_unlock($1)"};

constexpr Query kHasHistory{"migrate: has history",
                            "select to_regclass('public.schema_migrations') is not null"};
constexpr Query kHistory{
    "migrate: history",
    "select version, name, checksum, state from public.schema_migrations order by version"};
constexpr Query kOwner{
    "migrate: owner",
    "select pg_get_userbyid(datdba)::text from pg_database where datname = current_database()"};
constexpr Query kSetRole{"migrate: set role", "select set_config('role', $1, $2)"};
constexpr Query kResetSettings{"migrate: reset settings", "reset all"};
constexpr Query kRecord{
    "migrate: record",
    "insert into public.schema_migrations (version, name, checksum, state) "
    "values ($1, $2, $3, $4) on conflict (version) do update set "
    "name = excluded.name, checksum = excluded.checksum, state = excluded.state, at = now()"};

constexpr std::string_view kNoRole = "none";

constexpr std::string_view kCreateHistory = R"sql(
create table if not exists public.schema_migrations (
    version integer not null constraint schema_migrations_pkey primary key
        constraint schema_migrations_version_check check (version > 0),
    name text not null,
    checksum text not null
        constraint schema_migrations_checksum_check check (checksum ~ '^[0-9a-f]{64}$'),
    state text not null
        constraint schema_migrations_state_check check (state in ('running', 'applied')),
    at timestamptz not null default now()
);
comment on table public.schema_migrations is
    'Which migration files made this schema. Written by the migrator alone; it refuses a database whose '
    'lines differ from its files.';
comment on column public.schema_migrations.checksum is 'SHA-256 of the file, lower-case hexadecimal';
comment on column public.schema_migrations.state is
    'applied; or running: a file without a transaction has begun, and will run again if it did not finish';
comment on column public.schema_migrations.at is 'when this state was reached';
)sql";

struct HistoryRow {
    std::int32_t version;
    std::string name;
    std::string checksum;
    std::string state;
};

// The server's error, told as the file's: `offset` is where the failed text begins in it.
[[noreturn]] void rethrow_for(const Migration& migration, const DbError& error, std::size_t offset) {
    ErrorFields fields = error.fields();
    fields.query = migration.name;
    if (fields.position > 0) {
        const int line = line_of(migration.text.substr(offset), fields.position) - 1 +
                         line_of(migration.text.substr(0, offset), static_cast<int>(offset) + 1);
        fields.message = core::format("line {}: {}", line, fields.message);
    }
    throw DbError(std::move(fields));
}

Task<std::vector<HistoryEntry>> read_history(Connection& session) {
    std::vector<HistoryEntry> history;
    if (!co_await session.one<bool>(kHasHistory)) co_return history;
    for (HistoryRow& row : co_await session.rows<HistoryRow>(kHistory)) {
        const auto state = row.state == "applied" ? MigrationState::applied : MigrationState::running;
        history.push_back({row.version, std::move(row.name), std::move(row.checksum), state});
    }
    co_return history;
}

Task<void> record(Connection& session, const Migration& migration, std::string_view state) {
    co_await session.exec(kRecord, std::int32_t{migration.version}, migration.name,
                          migration_checksum(migration.text), state);
}

// Everything together with its line in the history, or nothing.
Task<void> apply_in_transaction(Connection& session, const Migration& migration, std::string role,
                                milliseconds deadline) {
    auto transaction = co_await session.begin();
    co_await session.exec(kSetRole, role, true);
    try {
        co_await session.within(deadline).script(migration.text);
    } catch (const DbError& error) {
        rethrow_for(migration, error, 0);
    }
    co_await session.exec(kSetRole, kNoRole, true);
    co_await record(session, migration, "applied");
    co_await transaction.commit();
}

Task<void> run_statements(Connection& session, const Migration& migration, milliseconds deadline) {
    const auto statements = split_statements(migration.text).value();
    for (const std::string_view statement : statements) {
        try {
            co_await session.within(deadline).script(statement);
        } catch (const DbError& error) {
            rethrow_for(migration, error, static_cast<std::size_t>(statement.data() - migration.text.data()));
        }
    }
}

// Each statement on its own; `running` is on record before the first of them.
Task<void> apply_statement_by_statement(Connection& session, const Migration& migration, std::string role,
                                        milliseconds deadline) {
    co_await record(session, migration, "running");
    co_await session.exec(kSetRole, role, false);
    std::exception_ptr failure;
    try {
        co_await run_statements(session, migration, deadline);
    } catch (...) {
        failure = std::current_exception();
    }
    if (session.usable()) co_await session.exec(kSetRole, kNoRole, false);
    if (failure) std::rethrow_exception(failure);
    co_await record(session, migration, "applied");
}

Task<void> apply_file(Connection& session, const Migration& migration, milliseconds deadline) {
    const Directives directives = parse_directives(migration).value();
    std::string role = directives.role;
    if (role.empty()) role = co_await session.one<std::string>(kOwner);
    if (directives.transaction) {
        co_await apply_in_transaction(session, migration, role, deadline);
    } else {
        co_await apply_statement_by_statement(session, migration, role, deadline);
    }
    co_await session.exec(kResetSettings);  // what the file may have set for the session
}

// Whether the lock was obtained within `limit`.
Task<bool> lock(Connection& session, milliseconds limit) {
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!co_await session.one<bool>(kTryLock, kLock)) {
        if (std::chrono::steady_clock::now() >= deadline) co_return false;
        timer.expires_after(kLockPause);
        co_await timer.async_wait(boost::asio::use_awaitable);
    }
    co_return true;
}

}  // namespace

Migrator::Migrator(Connection& session, std::span<const Migration> migrations, MigratorOptions options)
    : session_(session), migrations_(migrations), options_(std::move(options)) {}

Task<MigrationStatus> Migrator::status() {
    co_return migration_status(migrations_, co_await read_history(session_));
}

Task<core::Expected<std::vector<Migration>>> Migrator::apply() {
    if (!co_await lock(session_, options_.lock_timeout)) {
        co_return core::failure(
            core::ErrorCode::timeout,
            core::format("another migrator has been at work for {} s",
                         std::chrono::ceil<std::chrono::seconds>(options_.lock_timeout).count()));
    }
    core::Expected<std::vector<Migration>> applied;
    std::exception_ptr failure;
    try {
        applied = co_await apply_locked();
    } catch (...) {
        failure = std::current_exception();
    }
    if (session_.usable()) co_await session_.exec(kUnlock, kLock);
    if (failure) std::rethrow_exception(failure);
    co_return applied;
}

Task<core::Expected<std::vector<Migration>>> Migrator::apply_locked() {
    auto plan = plan_migrations(migrations_, co_await read_history(session_));
    if (!plan || plan->empty()) co_return plan;
    co_await session_.script(kCreateHistory);
    for (const Migration& migration : *plan) {
        if (options_.on_apply) options_.on_apply(migration);
        co_await apply_file(session_, migration, options_.file_deadline);
    }
    co_return plan;
}

}  // namespace singularity::pgclient
